#include "router/decompose/words.h"

#include <algorithm>
#include <array>

namespace troupe::decompose {
namespace {

constexpr size_t kMaxKey = 16;
constexpr std::array<std::string_view, 9> kBlanks = {" ",  "\t",       "\n",           "\r",          "\v",
                                                     "\f", "\xC2\xA0", "\xE3\x80\x80", "\xE2\x80\xA8"};
constexpr std::array<std::string_view, 3> kWideStops = {"\xE3\x80\x82", "\xEF\xBC\x9F", "\xEF\xBC\x81"};  // 。？！
constexpr std::array<std::string_view, 4> kWideClosers = {"\xE2\x80\x9D", "\xE2\x80\x99", "\xC2\xBB",
                                                          "\xE3\x80\x8D"};  // ”’»」
constexpr std::string_view kClosers = "\"')]}*_";

template <size_t N>
size_t PrefixLength(std::string_view text, const std::array<std::string_view, N>& choices) {
  for (std::string_view choice : choices) {
    if (text.starts_with(choice)) return choice.size();
  }
  return 0;
}

std::string_view WithoutClosers(std::string_view word) {
  while (!word.empty()) {
    if (kClosers.find(word.back()) != std::string_view::npos) {
      word.remove_suffix(1);
      continue;
    }
    auto wide = std::ranges::find_if(kWideClosers, [&](std::string_view closer) { return word.ends_with(closer); });
    if (wide == kWideClosers.end()) break;
    word.remove_suffix(wide->size());
  }
  return word;
}

bool IsAsciiWord(unsigned char c) {
  return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string Key(std::string_view word) {
  while (!word.empty() && !IsAsciiWord(word.front())) word.remove_prefix(1);
  std::string key;
  for (char c : word.substr(0, kMaxKey)) {
    if (!IsAsciiWord(c)) break;
    key.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return key;
}

// "e.g." or "B." and "3." end no sentence.
bool IsAbbreviation(std::string_view word) {
  if (!word.ends_with('.')) return false;
  const std::string_view stem = word.substr(0, word.size() - 1);
  return stem.size() <= 4 && stem.find('.') != std::string_view::npos && stem.back() != '.';
}

void Classify(std::string_view text, Word& word) {
  const std::string_view bare = WithoutClosers(text);
  word.key = Key(text);
  if (bare.empty()) return;
  const char last = bare.back();
  const bool wide_stop = std::ranges::any_of(kWideStops, [&](std::string_view stop) { return bare.ends_with(stop); }) ||
                         bare.ends_with("\xE2\x80\xA6");  // …
  word.ends_sentence = wide_stop || last == '?' || last == '!' || last == ';' || (last == '.' && !IsAbbreviation(bare));
  word.ends_clause = last == ',' || last == ':' || last == '-' || bare.ends_with("\xE2\x80\x93") ||
                     bare.ends_with("\xE2\x80\x94") || bare.ends_with("\xEF\xBC\x8C");
}

}  // namespace

bool IsConnector(const Word& word) {
  constexpr std::array<std::string_view, 8> kConnectors = {"and", "also",         "plus",        "then",
                                                           "but", "additionally", "furthermore", "moreover"};
  return std::ranges::find(kConnectors, word.key) != kConnectors.end();
}

size_t CutBack(std::string_view text, size_t begin, size_t end) {
  while (end > begin && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return end;
}

std::vector<Word> FindWords(std::string_view text) {
  std::vector<Word> words;
  size_t at = 0;
  while (at < text.size()) {
    if (const size_t blank = PrefixLength(text.substr(at), kBlanks); blank > 0) {
      if (!words.empty() && text[at] == '\n') words.back().line_follows = true;
      at += blank;
      continue;
    }
    Word word{.begin = at};
    while (at < text.size() && PrefixLength(text.substr(at), kBlanks) == 0) {
      const size_t stop = PrefixLength(text.substr(at), kWideStops);
      at += std::max<size_t>(stop, 1);
      if (stop > 0 && PrefixLength(text.substr(at), kWideStops) == 0 &&
          PrefixLength(text.substr(at), kWideClosers) == 0) {
        break;
      }
    }
    word.end = at;
    Classify(text.substr(word.begin, word.end - word.begin), word);
    words.push_back(std::move(word));
  }
  return words;
}

}  // namespace troupe::decompose
