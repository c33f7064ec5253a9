#include "router/content/value_format.h"

#include <algorithm>
#include <chrono>

namespace troupe::content {
namespace {

bool AreDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int Number(std::string_view digits) {
  int number = 0;
  for (const char c : digits) number = number * 10 + (c - '0');
  return number;
}

std::string Grouped(std::string_view whole, const std::string& group) {
  std::string text;
  for (size_t i = 0; i < whole.size(); ++i) {
    if (i > 0 && (whole.size() - i) % 3 == 0) text += group;
    text += whole[i];
  }
  return text;
}

}  // namespace

Result<std::string> FormatMoney(std::string_view amount, const MoneyFormat& format) {
  constexpr size_t kMostDigits = 12;
  const bool negative = amount.starts_with('-');
  if (negative) amount.remove_prefix(1);
  const size_t point = amount.find('.');
  const std::string_view whole = amount.substr(0, point);
  const std::string_view cents = point == amount.npos ? std::string_view() : amount.substr(point + 1);
  const bool whole_ok = AreDigits(whole) && whole.size() <= kMostDigits && (whole.size() == 1 || whole[0] != '0');
  const bool cents_ok =
      point == amount.npos || (AreDigits(cents) && cents.size() <= static_cast<size_t>(format.decimals));
  if (!whole_ok || !cents_ok) {
    return Invalid(std::string("must be an amount such as ") + (format.decimals == 0 ? "1234" : "1234.50"));
  }
  std::string text = (negative ? "-" : "") + format.before + Grouped(whole, format.group);
  if (format.decimals > 0) {
    text += format.decimal;
    text += cents;
    text.append(static_cast<size_t>(format.decimals) - cents.size(), '0');
  }
  return text + format.after;
}

Result<std::string> FormatDate(std::string_view date, const DateFormat& format) {
  const Error wrong = Invalid("must be a day that exists, such as 2026-11-29");
  if (date.size() != 10 || date[4] != '-' || date[7] != '-') return wrong;
  const std::string_view year = date.substr(0, 4);
  const std::string_view month = date.substr(5, 2);
  const std::string_view day = date.substr(8, 2);
  if (!AreDigits(year) || !AreDigits(month) || !AreDigits(day)) return wrong;
  const std::chrono::year_month_day exact{std::chrono::year(Number(year)),
                                          std::chrono::month(static_cast<unsigned>(Number(month))),
                                          std::chrono::day(static_cast<unsigned>(Number(day)))};
  if (!exact.ok()) return wrong;
  std::string text;
  for (std::string_view rest = format.pattern; !rest.empty();) {
    const size_t close = rest[0] == '{' ? rest.find('}') : rest.npos;
    const std::string_view key = close == rest.npos ? std::string_view() : rest.substr(1, close - 1);
    if (key == "d") {
      text += std::to_string(Number(day));
    } else if (key == "m" && !format.months.empty()) {
      text += format.months[static_cast<size_t>(Number(month)) - 1];
    } else if (key == "dd") {
      text += day;
    } else if (key == "mm") {
      text += month;
    } else if (key == "y") {
      text += year;
    } else {
      text += rest[0];
      rest.remove_prefix(1);
      continue;
    }
    rest.remove_prefix(close + 1);
  }
  return text;
}

}  // namespace troupe::content
