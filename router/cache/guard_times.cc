#include "router/cache/guard_times.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "router/cache/guard_numbers.h"
#include "router/cache/lexicon.h"

namespace troupe::cache {
namespace {

using Tokens = std::vector<Token>;

bool IsMonth(std::string_view name) {
  static constexpr std::array<std::string_view, 12> kMonths{"january",   "february", "march",    "april",
                                                            "may",       "june",     "july",     "august",
                                                            "september", "october",  "november", "december"};
  return std::ranges::find(kMonths, name) != kMonths.end();
}

// The month's name; "may" is one only where a capital or a number says so.
std::string MonthAt(const Tokens& tokens, size_t at, bool beside_number) {
  if (at >= tokens.size() || tokens[at].kind != TokenKind::kWord) return {};
  if (tokens[at].text == "may") {
    return beside_number || (tokens[at].capital && !tokens[at].first) ? "may" : std::string();
  }
  const std::string* date = Lexicon::Get().Date(tokens[at].text);
  return date != nullptr && IsMonth(*date) ? *date : std::string();
}

// "12/05/2023", "2023-05-12", "12.5.2023": three numbers; written alike they are alike.
std::optional<TimeAt> NumericDate(const Token& token) {
  for (const char mark : {'/', '-', '.'}) {
    if (std::ranges::count(token.text, mark) == 2 || (mark == '/' && token.text.find('/') != std::string::npos)) {
      std::string value;
      for (size_t i = 0; i < token.text.size(); ++i) {
        const bool leads = i == 0 || token.text[i - 1] == mark;
        if (!(leads && token.text[i] == '0')) value += token.text[i] == mark ? '/' : token.text[i];
      }
      return TimeAt{value, 1};
    }
  }
  return std::nullopt;
}

// A clock's time: with a colon, or a number before am or pm.
std::optional<TimeAt> ClockTime(const Tokens& tokens, size_t at) {
  const std::string& text = tokens[at].text;
  const size_t colon = std::min(text.find(':'), text.size());
  const bool half = at + 1 < tokens.size() && (tokens[at + 1].Is("am") || tokens[at + 1].Is("pm"));
  int hour = 0;
  const auto read = std::from_chars(text.data(), text.data() + colon, hour);
  if ((colon == text.size() && !half) || read.ec != std::errc() || hour > 24) return std::nullopt;
  if (read.ptr != text.data() + colon) return std::nullopt;
  if (half) hour = hour % 12 + (tokens[at + 1].Is("pm") ? 12 : 0);
  const std::string minutes = colon < text.size() ? text.substr(colon) : ":00";
  return TimeAt{std::to_string(hour) + minutes, half ? 2u : 1u};
}

// "5 May", "5th of May".
std::optional<TimeAt> DayBeforeMonth(const Tokens& tokens, size_t at) {
  const auto day = NumberFrom(tokens, at);
  if (!day) return std::nullopt;
  size_t next = at + day->tokens;
  if (next < tokens.size() && tokens[next].Is("of")) ++next;
  const std::string month = MonthAt(tokens, next, true);
  if (month.empty()) return std::nullopt;
  return TimeAt{day->value + " " + month, next + 1 - at};
}

// "May 5", "May the 5th"; a month alone too, so that "may" needs no list.
std::optional<TimeAt> Month(const Tokens& tokens, size_t at) {
  size_t next = at + 1;
  if (next < tokens.size() && tokens[next].Is("the")) ++next;
  auto day = next < tokens.size() ? NumberFrom(tokens, next) : std::nullopt;
  // a year is no day
  if (day && day->value.size() > 2) day.reset();
  const std::string month = MonthAt(tokens, at, day.has_value());
  if (month.empty()) return std::nullopt;
  if (!day) return TimeAt{month, 1};
  return TimeAt{day->value + " " + month, next + day->tokens - at};
}

// "last week", "next Monday".
std::optional<TimeAt> Relative(const Tokens& tokens, size_t at) {
  const Token& token = tokens[at];
  if (!token.Is("last") && !token.Is("next") && !token.Is("this") && !token.Is("previous")) return std::nullopt;
  if (at + 1 == tokens.size() || tokens[at + 1].kind != TokenKind::kWord) return std::nullopt;
  const std::string& word = tokens[at + 1].text;
  const std::string* name = Lexicon::Get().Date(word);
  const bool unit = word == "week" || word == "month" || word == "year" || word == "night" || word == "morning" ||
                    word == "evening" || word == "afternoon";
  if (name == nullptr && !unit) return std::nullopt;
  return TimeAt{(token.Is("previous") ? "last" : token.text) + " " + (name != nullptr ? *name : word), 2};
}

}  // namespace

std::optional<TimeAt> TimeFrom(const Tokens& tokens, size_t at) {
  if (tokens[at].kind == TokenKind::kNumber) {
    if (auto date = NumericDate(tokens[at])) return date;
    if (auto time = ClockTime(tokens, at)) return time;
  }
  if (auto day = DayBeforeMonth(tokens, at)) return day;
  if (tokens[at].kind != TokenKind::kWord) return std::nullopt;
  if (auto month = Month(tokens, at)) return month;
  return Relative(tokens, at);
}

}  // namespace troupe::cache
