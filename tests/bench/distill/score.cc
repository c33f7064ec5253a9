#include "tests/bench/distill/score.h"

#include <algorithm>
#include <cctype>

namespace troupe::bench {

std::vector<std::string> WordsOf(const std::string& text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    const auto letter = static_cast<unsigned char>(c);
    if (std::isalnum(letter) != 0 || c == '-') {
      words.back() += static_cast<char>(std::tolower(letter));
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

double RougeL(const std::string& answer, const std::string& reference) {
  const auto own = WordsOf(answer), wanted = WordsOf(reference);
  if (own.empty() || wanted.empty()) return 0;
  std::vector<size_t> row(wanted.size() + 1, 0);  // longest common subsequence with the words so far
  for (const std::string& word : own) {
    size_t before = 0;  // the row above, one to the left
    for (size_t i = 1; i <= wanted.size(); ++i) {
      const size_t above = row[i];
      row[i] = word == wanted[i - 1] ? before + 1 : std::max(above, row[i - 1]);
      before = above;
    }
  }
  return 2 * static_cast<double>(row.back()) / static_cast<double>(own.size() + wanted.size());
}

bool KeepsFacts(const std::string& answer, const std::vector<std::string>& keys, const std::string& source) {
  const auto own = WordsOf(answer), known = WordsOf(source);
  const auto has = [](const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  const bool kept = std::all_of(keys.begin(), keys.end(), [&](const std::string& key) { return has(own, key); });
  return kept && std::all_of(own.begin(), own.end(), [&](const std::string& word) {
           return std::isdigit(static_cast<unsigned char>(word[0])) == 0 || has(known, word);
         });
}

}  // namespace troupe::bench
