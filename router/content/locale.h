// How a language writes amounts and dates, as data: it goes into every manifest, so that the browser and the edge
// write them as the router does without tables of their own. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace troupe::content {

struct MoneyFormat {
  int decimals = 2;
  std::string decimal = ".";
  // Between thousands; empty for none.
  std::string group;
  std::string before;
  std::string after;
};

struct DateFormat {
  // {d} day, {m} month's name, {mm} month and {dd} day in two digits, {y} year.
  std::string pattern = "{y}-{mm}-{dd}";
  // Twelve names; empty where the pattern has no {m}.
  std::vector<std::string> months;
};

// "de" or "pt-br"; a language that is not known has dates in ISO 8601 and amounts with the currency's code.
MoneyFormat MoneyFormatOf(std::string_view language, std::string_view currency);
DateFormat DateFormatOf(std::string_view language);

}  // namespace troupe::content
