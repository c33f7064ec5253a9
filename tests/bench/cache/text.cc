#include "tests/bench/cache/text.h"

#include <algorithm>
#include <cctype>

namespace troupe::bench {
namespace {
constexpr const char* kBefore[] = {"Hiya, ",
                                   "Good day. ",
                                   "Excuse me, ",
                                   "Could you tell me: ",
                                   "I would be glad of an answer: ",
                                   "Any chance you can help? ",
                                   "Quick question. ",
                                   "Just wondering, ",
                                   "Dear support team, "};
constexpr const char* kBehind[] = {" Many thanks!",
                                   " Cheers",
                                   " Thank you in advance.",
                                   " Please advise.",
                                   " Please help me with this.",
                                   " I would appreciate your help.",
                                   " Thanks a lot."};
}  // namespace

std::vector<std::string> SplitWords(std::string_view text) {
  std::vector<std::string> words;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) words.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

std::string JoinWords(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string Capital(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

std::string Filled(std::string_view sentence, std::string_view what) {
  std::string text(sentence);
  const size_t at = text.find("{}");
  return at == std::string::npos ? text : text.replace(at, 2, what);
}

std::string Bare(std::string_view word) {
  const auto is_letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  while (!word.empty() && !is_letter(word.front())) word.remove_prefix(1);
  while (!word.empty() && !is_letter(word.back())) word.remove_suffix(1);
  return Lower(std::string(word));
}

std::string ReplaceWord(std::string_view text, std::string_view from, std::string_view to) {
  std::vector<std::string> words = SplitWords(text);
  const auto found = std::ranges::find_if(words, [&](const std::string& word) { return Bare(word) == from; });
  if (found == words.end()) return std::string(text);
  const size_t at = Lower(*found).find(from);
  const bool capital = std::isupper(static_cast<unsigned char>((*found)[at])) != 0;
  found->replace(at, from.size(), capital ? Capital(std::string(to)) : std::string(to));
  return JoinWords(words);
}

std::string Polite(const std::string& text, Draw& draw) {
  return draw.OneIn(2) ? std::string(draw.Of(kBefore)) + text : text + draw.Of(kBehind);
}

}  // namespace troupe::bench
