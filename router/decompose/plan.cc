#include "router/decompose/plan.h"

#include <algorithm>
#include <optional>
#include <set>

#include "router/decompose/words.h"

namespace troupe::decompose {
namespace {

// Longer pieces of a message come as several parts of one skill.
constexpr unsigned kMostCopied = 200;
// Pieces of a plan that are read; the schema allows fewer.
constexpr size_t kMostPieces = 1000;

// A stretch that the plan names, or one that it leaves out.
struct Piece {
  Span span;
  std::string skill;
};

bool IsFree(const std::vector<Piece>& taken, const Span& span) {
  return std::ranges::none_of(
      taken, [&](const Piece& piece) { return span.begin < piece.span.end && piece.span.begin < span.end; });
}

// Where `text` stands in the message: after `from` if it can be, else anywhere that is free.
std::optional<Span> FindFree(std::string_view message, std::string_view text, size_t from,
                             const std::vector<Piece>& taken) {
  constexpr int kMostLooks = 1000;
  for (const size_t begin : {from, size_t{0}}) {
    size_t at = message.find(text, begin);
    for (int looks = 0; at != message.npos && looks < kMostLooks; ++looks, at = message.find(text, at + 1)) {
      const Span span{at, at + text.size()};
      if (IsFree(taken, span)) return span;
    }
  }
  return std::nullopt;
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::vector<Piece> PiecesOf(std::string_view message, const Value& plan) {
  std::vector<Piece> pieces;
  if (!plan.is_array()) return pieces;
  size_t from = 0;
  for (const Value& item : plan) {
    const bool fits = item.is_object() && item.contains("skill") && item["skill"].is_string() &&
                      item.contains("text") && item["text"].is_string();
    if (!fits || pieces.size() == kMostPieces) continue;
    const std::string_view text = Trimmed(item["text"].get_ref<const std::string&>());
    if (text.empty()) continue;
    if (const auto span = FindFree(message, text, from, pieces)) {
      pieces.push_back({*span, item["skill"].get<std::string>()});
      from = span->end;
    }
  }
  std::ranges::sort(pieces, {}, [](const Piece& piece) { return piece.span.begin; });
  return pieces;
}

// What of the gap [begin, end) belongs to the piece before it: punctuation right after it.
size_t EndOfPiece(std::string_view message, const std::vector<Word>& words, size_t begin) {
  if (words.empty() || begin == 0) return begin;
  const Word& first = words.front();
  return first.begin == 0 && first.key.empty() ? begin + first.end : std::min(begin, message.size());
}

bool AsksForSomething(const std::vector<Word>& words) {
  return std::ranges::any_of(words, [](const Word& word) { return !word.key.empty() && !IsConnector(word); });
}

// The pieces and what lies between them, so that together they are the whole message.
std::vector<Piece> Tile(std::string_view message, const std::vector<Piece>& pieces, const std::string& default_skill) {
  std::vector<Piece> tiles;
  size_t begin = 0;
  const auto close_gap = [&](size_t end) {
    const std::vector<Word> words = FindWords(message.substr(begin, end - begin));
    const size_t kept = EndOfPiece(message, words, begin);
    if (!tiles.empty()) {
      tiles.back().span.end = kept;
      begin = kept;
    }
    if (AsksForSomething(words)) {
      tiles.push_back({{begin, end}, default_skill});
      begin = end;
    }
  };
  for (const Piece& piece : pieces) {
    close_gap(piece.span.begin);
    tiles.push_back({{begin, piece.span.end}, piece.skill});
    begin = piece.span.end;
  }
  close_gap(message.size());
  if (!tiles.empty()) tiles.back().span.end = message.size();
  return tiles;
}

}  // namespace

Value PlanPrompt(std::string_view message, const std::vector<PlanSkill>& skills) {
  std::string system =
      "Split the message into its requests. Copy the words of each request and name its skill.\nSkills:";
  for (const PlanSkill& skill : skills) {
    system += "\n- " + skill.name;
    if (!skill.examples.empty()) system += ": " + skill.examples.front();
  }
  Value prompt = Value::array({{{"role", "system"}, {"content", system}}});
  // the second examples of two skills: the first ones stand above already
  std::string text;
  Value plan = Value::array();
  for (const PlanSkill& skill : skills) {
    constexpr size_t kShown = 2;
    if (skill.examples.empty() || plan.size() == kShown) continue;
    const std::string& example = skill.examples[skill.examples.size() > 1 ? 1 : 0];
    text += (text.empty() ? "" : " and also ") + example;
    plan.push_back({{"skill", skill.name}, {"text", example}});
  }
  if (!plan.empty()) {
    std::string answer;
    for (const Value& part : plan) {
      // as the grammar writes it: a blank after ':' and ','
      answer += (answer.empty() ? "[" : ", ") + ("{\"skill\": " + Dump(part["skill"])) +
                ", \"text\": " + Dump(part["text"]) + "}";
    }
    prompt.push_back({{"role", "user"}, {"content", text}});
    prompt.push_back({{"role", "assistant"}, {"content", answer + "]"}});
  }
  prompt.push_back({{"role", "user"}, {"content", std::string(message)}});
  return prompt;
}

Value PlanSchema(const std::vector<PlanSkill>& skills, const PlanOptions& options) {
  std::set<std::string> names = {options.default_skill};
  for (const PlanSkill& skill : skills) names.insert(skill.name);
  const Value text = {{"type", "string"}, {"x-copy", true}, {"minLength", 1u}, {"maxLength", kMostCopied}};
  return {{"type", "array"},
          {"minItems", 1u},
          {"maxItems", static_cast<unsigned>(std::max(options.max_parts, 1))},
          {"items",
           {{"type", "object"},
            {"properties", {{"skill", {{"type", "string"}, {"enum", names}}}, {"text", text}}},
            {"required", {"skill", "text"}}}}};
}

std::vector<Part> ReadPlan(std::string_view message, const Value& plan, const PlanOptions& options) {
  std::vector<Part> parts;
  const size_t most = static_cast<size_t>(std::max(options.max_parts, 1));
  for (const Piece& tile : Tile(message, PiecesOf(message, plan), options.default_skill)) {
    const bool goes_on = !parts.empty() && parts.back().skill == tile.skill && tile.skill == options.default_skill;
    if (goes_on || parts.size() == most) {
      parts.back().end = tile.span.end;
    } else {
      parts.push_back({.skill = tile.skill, .begin = tile.span.begin, .end = tile.span.end});
    }
  }
  for (Part& part : parts) part.text = PartText(message, part.begin, part.end);
  return parts;
}

}  // namespace troupe::decompose
