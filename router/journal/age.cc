#include "router/journal/age.h"

#include <charconv>
#include <map>

namespace troupe::journal {

Result<int64_t> ParseAge(const std::string& text) {
  if (text == "0") return 0;
  int64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string unit(end, text.data() + text.size());
  const std::map<std::string, int64_t> units = {{"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  constexpr int64_t kMaxNumber = 1'000'000;
  if (failed != std::errc() || number < 1 || number > kMaxNumber || !units.contains(unit)) {
    return Invalid("must be a whole number with s, m, h or d, as in 30d, or 0 for ever; got '" + text + "'");
  }
  return number * units.at(unit);
}

}  // namespace troupe::journal
