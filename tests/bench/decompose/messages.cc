#include "tests/bench/decompose/messages.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <random>
#include <set>

namespace troupe::bench {
namespace {

bool IsBlank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

// All rows of a CSV text.
std::vector<std::vector<std::string>> ParseCsv(const std::string& text) {
  std::vector<std::vector<std::string>> rows(1);
  std::string field;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        field.push_back(c);
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field.push_back(text[++i]);
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',' || c == '\n') {
      rows.back().push_back(std::move(field));
      field.clear();
      if (c == '\n') rows.emplace_back();
    } else if (c != '\r') {
      field.push_back(c);
    }
  }
  if (!field.empty()) rows.back().push_back(std::move(field));
  return rows;
}

std::string OneSpace(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (!IsBlank(c)) {
      out.push_back(c);
    } else if (!out.empty() && out.back() != ' ') {
      out.push_back(' ');
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string Styled(std::string text, Joining joining) {
  if (joining == Joining::kUnpunctuated) {
    std::erase_if(text, [](char c) { return std::ispunct(static_cast<unsigned char>(c)) != 0; });
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return OneSpace(text);
  }
  while (!text.empty() && (IsBlank(text.back()) || std::ispunct(static_cast<unsigned char>(text.back())) != 0)) {
    text.pop_back();
  }
  return text;
}

}  // namespace

const char* JoiningName(Joining joining) {
  switch (joining) {
    case Joining::kSentences:
      return "sentences";
    case Joining::kConnector:
      return "connector";
    case Joining::kUnpunctuated:
      return "unpunctuated";
  }
  return "";
}

Result<Queries> ReadQueries(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return NotFound("cannot read " + file.string() + "; --data names the folder with train.csv and test.csv");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  Queries queries;
  const auto rows = ParseCsv(text);
  for (size_t i = 1; i < rows.size(); ++i) {
    if (rows[i].size() != 2) continue;
    queries[rows[i][1]].push_back(OneSpace(rows[i][0]));
  }
  if (queries.size() < 4) return Invalid(file.string() + " has fewer than 4 categories; columns are text,category");
  return queries;
}

std::vector<Message> MakeMessages(const Queries& queries, int count, uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
  static constexpr const char* kGlue[kJoinings] = {". ", " and also ", " "};
  std::vector<Message> messages;
  for (int i = 0; i < count; ++i) {
    Message message{.joining = static_cast<Joining>(i % kJoinings)};
    const size_t parts = 2 + below(3);
    std::set<std::string> used;
    while (message.pieces.size() < parts) {
      const auto& [intent, texts] = *std::next(queries.begin(), static_cast<ptrdiff_t>(below(queries.size())));
      const std::string query = Styled(texts[below(texts.size())], message.joining);
      if (query.empty() || !used.insert(intent).second) continue;
      if (!message.pieces.empty()) message.text += kGlue[i % kJoinings];
      message.pieces.push_back({message.text.size(), message.text.size() + query.size(), intent});
      message.text += query;
    }
    messages.push_back(std::move(message));
  }
  return messages;
}

}  // namespace troupe::bench
