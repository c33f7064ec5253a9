// Money and device time as whole millionths: amounts add up without rounding, and a limit is met or not. Which currency
// it is, nobody here knows. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::graph {

// What work costs, in millionths of the currency's unit.
struct Price {
  // For one generated token.
  int64_t token = 0;
  // For one second of a device's time.
  int64_t device_second = 0;
  bool operator==(const Price&) const = default;
};

// Rounded up to a whole millionth; very large amounts are capped.
int64_t CostOf(const Price& price, int64_t generated_tokens, int64_t device_us);

// "0.25" gives 250,000. Nothing for what is negative, no plain decimal number, finer than a millionth or above a
// thousand million.
std::optional<int64_t> ParseMicros(std::string_view text);
// 250,000 gives "0.25".
std::string FormatMicros(int64_t micros);

}  // namespace troupe::graph
