// The words of a text, in lower case as far as ASCII goes. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::content {

inline std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool in_word =
        upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\'' || static_cast<unsigned char>(c) >= 0x80;
    if (in_word) {
      word += upper ? static_cast<char>(c + 32) : c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

}  // namespace troupe::content
