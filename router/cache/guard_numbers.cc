#include "router/cache/guard_numbers.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <unordered_map>

namespace troupe::cache {
namespace {

struct Word {
  int64_t value;
  bool ordinal;
};

// Words that stand for numbers; powers of a thousand and "hundred" multiply what is before them.
const Word* NumberWord(std::string_view word) {
  static const std::unordered_map<std::string_view, Word> kWords{
      {"zero", {0, false}},        {"one", {1, false}},        {"two", {2, false}},        {"three", {3, false}},
      {"four", {4, false}},        {"five", {5, false}},       {"six", {6, false}},        {"seven", {7, false}},
      {"eight", {8, false}},       {"nine", {9, false}},       {"ten", {10, false}},       {"eleven", {11, false}},
      {"twelve", {12, false}},     {"thirteen", {13, false}},  {"fourteen", {14, false}},  {"fifteen", {15, false}},
      {"sixteen", {16, false}},    {"seventeen", {17, false}}, {"eighteen", {18, false}},  {"nineteen", {19, false}},
      {"twenty", {20, false}},     {"thirty", {30, false}},    {"forty", {40, false}},     {"fourty", {40, false}},
      {"fifty", {50, false}},      {"sixty", {60, false}},     {"seventy", {70, false}},   {"eighty", {80, false}},
      {"ninety", {90, false}},     {"dozen", {12, false}},     {"twice", {2, false}},      {"double", {2, false}},
      {"doubled", {2, false}},     {"triple", {3, false}},     {"thrice", {3, false}},     {"tripled", {3, false}},
      {"first", {1, true}},        {"second", {2, true}},      {"third", {3, true}},       {"fourth", {4, true}},
      {"fifth", {5, true}},        {"sixth", {6, true}},       {"seventh", {7, true}},     {"eighth", {8, true}},
      {"ninth", {9, true}},        {"tenth", {10, true}},      {"eleventh", {11, true}},   {"twelfth", {12, true}},
      {"thirteenth", {13, true}},  {"fourteenth", {14, true}}, {"fifteenth", {15, true}},  {"sixteenth", {16, true}},
      {"seventeenth", {17, true}}, {"eighteenth", {18, true}}, {"nineteenth", {19, true}}, {"twentieth", {20, true}},
      {"thirtieth", {30, true}},   {"fortieth", {40, true}},   {"fiftieth", {50, true}},   {"hundredth", {100, true}},
  };
  const auto found = kWords.find(word);
  return found == kWords.end() ? nullptr : &found->second;
}

int64_t Multiplier(std::string_view word) {
  if (word == "hundred" || word == "hundreds") return 100;
  if (word == "thousand" || word == "thousands" || word == "k" || word == "grand") return 1'000;
  if (word == "million" || word == "millions" || word == "mio" || word == "m") return 1'000'000;
  if (word == "billion" || word == "billions" || word == "bn") return 1'000'000'000;
  return 0;
}

// "5" and "00" times a thousand, with a point or without.
std::string Times(const std::string& plain, int64_t multiplier) {
  int zeros = 0;
  for (int64_t rest = multiplier; rest > 1; rest /= 10) ++zeros;
  const size_t point = std::min(plain.find('.'), plain.size());
  std::string digits = plain.substr(0, point);
  std::string rest = point < plain.size() ? plain.substr(point + 1) : std::string();
  while (static_cast<int>(rest.size()) < zeros) rest += '0';
  digits += rest.substr(0, static_cast<size_t>(zeros));
  return PlainDigits(digits + "." + rest.substr(static_cast<size_t>(zeros)) + "0");
}

NumberAt FromDigits(const std::vector<Token>& tokens, size_t at) {
  NumberAt number{PlainDigits(tokens[at].text), false, 1};
  if (at + 1 == tokens.size() || tokens[at + 1].kind != TokenKind::kWord) return number;
  const std::string& next = tokens[at + 1].text;
  if (next == "st" || next == "nd" || next == "rd" || next == "th") {
    number.ordinal = true;
    number.tokens = 2;
  } else if (const int64_t multiplier = Multiplier(next); multiplier > 0) {
    number.value = Times(number.value, multiplier);
    number.tokens = 2;
  }
  return number;
}

}  // namespace

std::string PlainDigits(std::string_view digits) {
  // A last separator with other than three digits behind it is the decimal point, whichever sign it is.
  const size_t last = digits.find_last_of(".,");
  bool decimal = last != std::string_view::npos && digits.size() - last - 1 != 3;
  if (last != std::string_view::npos && digits[last] == '.' && digits.find_first_of(".,") == last) decimal = true;
  std::string whole, part;
  for (size_t i = 0; i < digits.size(); ++i) {
    const char c = digits[i];
    if (c >= '0' && c <= '9') (decimal && i > last ? part : whole) += c;
  }
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  while (part.ends_with('0')) part.pop_back();
  if (whole.empty()) whole = "0";
  return part.empty() ? whole : whole + "." + part;
}

std::optional<NumberAt> NumberFrom(const std::vector<Token>& tokens, size_t at) {
  if (tokens[at].kind == TokenKind::kNumber) return FromDigits(tokens, at);
  // Far beyond what people write in words; keeps the arithmetic from overflowing.
  constexpr int64_t kLimit = 1'000'000'000'000;
  int64_t total = 0, group = 0;
  NumberAt number;
  bool tens = false;
  size_t i = at;
  // "a hundred"
  if (tokens[i].Is("a") && i + 1 < tokens.size() && (Multiplier(tokens[i + 1].text) > 1 || tokens[i + 1].Is("dozen"))) {
    group = tokens[i + 1].Is("dozen") ? 0 : 1;
    number.tokens = 1;
    ++i;
  }
  for (; i < tokens.size() && tokens[i].kind == TokenKind::kWord && total + group < kLimit && !number.ordinal; ++i) {
    const Word* word = NumberWord(tokens[i].text);
    const int64_t multiplier = Multiplier(tokens[i].text);
    if (tokens[i].Is("and") && number.tokens > 0 && group % 100 == 0) {
      if (i + 1 == tokens.size() || NumberWord(tokens[i + 1].text) == nullptr) break;
      continue;
    }
    if (word != nullptr) {
      // "twenty five", "hundred five"; "five six" are two numbers
      const bool joins = group % 100 == 0 || (tens && word->value < 10 && word->value > 0);
      if (number.tokens > 0 && !joins) break;
      group += word->value;
      tens = word->value >= 20 && word->value % 10 == 0;
      number.ordinal = word->ordinal;
    } else if (multiplier > 0 && number.tokens > 0) {
      group = std::max<int64_t>(group, 1) * multiplier;
      if (multiplier > 100) {
        total += group;
        group = 0;
      }
      tens = false;
    } else {
      break;
    }
    number.tokens = i + 1 - at;
  }
  if (number.tokens == 0) return std::nullopt;
  number.value = std::to_string(total + group);
  return number;
}

}  // namespace troupe::cache
