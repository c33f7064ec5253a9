#include "router/content/check_texts.h"

#include <algorithm>
#include <map>
#include <utility>

#include "router/content/bind_text.h"
#include "router/content/character_classes.h"
#include "router/content/language_guess.h"
#include "router/content/siblings.h"
#include "router/content/text_likeness.h"
#include "router/content/words.h"
#include "runtime/base/utf8.h"

namespace troupe::content {
namespace {

void CheckSigns(const Text& text, std::vector<std::string>& problems) {
  for (size_t at = 0; at < text.text.size();) {
    const char32_t c = NextCodePoint(text.text, at);
    if (c == kBadUtf8) {
      problems.push_back("it is not valid UTF-8");
      return;
    }
    if ((IsControl(c) && c != '\n' && c != '\t') || IsBidiControl(c) || IsInvisible(c)) {
      problems.push_back("it has the character " + CodePointName(c) + ", which is not seen; take it out");
      return;
    }
  }
}

void CheckLength(const Checks& checks, const std::string& literals, std::vector<std::string>& problems) {
  const auto length = static_cast<int64_t>(CountCodePoints(literals));
  const std::string has = "it has " + std::to_string(length) + " characters without its slots, ";
  if (length < checks.min_length)
    problems.push_back(has + "at least " + std::to_string(checks.min_length) + " are wanted");
  if (checks.max_length > 0 && length > checks.max_length) {
    problems.push_back(has + "at most " + std::to_string(checks.max_length) + " are allowed");
  }
}

void CheckSlots(const ContentSet& set, const std::vector<Part>& parts, std::vector<std::string>& problems) {
  for (const Slot& slot : set.slots) {
    const auto times =
        std::count_if(parts.begin(), parts.end(), [&](const Part& part) { return part.slot == slot.name; });
    if (times == 0 && slot.use != SlotUse::kOptional) {
      problems.push_back("it lacks {{" + slot.name + "}}; write it in, or make the slot optional in 'checks'");
    }
    if (times > 1 && slot.use == SlotUse::kOnce) {
      problems.push_back("it has {{" + slot.name + "}} " + std::to_string(times) + " times, once is allowed");
    }
  }
}

std::string LiteralsOf(const std::vector<Part>& parts) {
  std::string literals;
  for (const Part& part : parts) literals += part.slot.empty() ? part.literal : "";
  return literals;
}

}  // namespace

std::vector<std::string> CheckText(const ContentSet& set, const Text& text) {
  std::vector<std::string> problems;
  if (text.text.size() > kMaxTextBytes) {
    problems.push_back("it has more than " + std::to_string(kMaxTextBytes) + " bytes");
    return problems;
  }
  CheckSigns(text, problems);
  const auto parts = BindText(text.text, set.slots, set.output);
  if (!parts) {
    problems.push_back(parts.error().message);
    return problems;
  }
  const std::string literals = LiteralsOf(*parts);
  CheckLength(set.checks, literals, problems);
  CheckSlots(set, *parts, problems);
  const std::vector<std::string> words = WordsOf(literals);
  for (const std::string& banned : set.checks.banned) {
    if (HasPhrase(words, banned)) problems.push_back("it has the banned word '" + banned + "'");
  }
  if (set.checks.language) {
    const std::string wanted = LanguageOf(set, text.cell);
    const std::string guess = GuessOtherLanguage(words, wanted);
    if (!guess.empty()) problems.push_back("it is to be in '" + wanted + "' and looks like '" + guess + "'");
  }
  return problems;
}

std::vector<std::vector<std::string>> ProblemsOf(const ContentSet& set) {
  std::map<Cell, Siblings> of_cell;
  std::vector<std::vector<std::string>> problems(set.texts.size());
  for (size_t i = 0; i < set.texts.size(); ++i) {
    const Text& text = set.texts[i];
    if (text.state == TextState::kRejected) continue;
    problems[i] = CheckText(set, text);
    Siblings& siblings = of_cell.try_emplace(text.cell, set.checks.similarity).first->second;
    Wording wording = WordingOf(text.text);
    if (auto alike = siblings.TooAlike(wording)) problems[i].push_back(std::move(*alike));
    siblings.Add(text.id, std::move(wording));
  }
  return problems;
}

void CheckTexts(const ContentSet& set, const std::string& file, kind::Findings& findings) {
  const std::vector<std::vector<std::string>> problems = ProblemsOf(set);
  for (size_t i = 0; i < set.texts.size(); ++i) {
    const Text& text = set.texts[i];
    for (const std::string& problem : problems[i]) {
      const std::string message = "text '" + text.id + "': " + problem;
      if (text.state == TextState::kAccepted) {
        findings.Error(file, text.position.line, text.position.column, message);
      } else {
        findings.Warn(file, text.position.line, text.position.column, message);
      }
    }
  }
}

}  // namespace troupe::content
