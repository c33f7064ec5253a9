#include "router/graph/price.h"

#include <algorithm>
#include <limits>

namespace troupe::graph {
namespace {

constexpr int64_t kMicros = 1'000'000;
constexpr int64_t kMaxUnits = 1'000'000'000;
constexpr int kPlaces = 6;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

int64_t CostOf(const Price& price, int64_t generated_tokens, int64_t device_us) {
  __extension__ typedef __int128 Wide;
  const Wide tokens = static_cast<Wide>(price.token) * std::max<int64_t>(0, generated_tokens);
  const Wide device = static_cast<Wide>(price.device_second) * std::max<int64_t>(0, device_us);
  const Wide total = tokens + (device + kMicros - 1) / kMicros;
  constexpr Wide kCap = std::numeric_limits<int64_t>::max() / 4;
  return static_cast<int64_t>(std::min(total, kCap));
}

std::optional<int64_t> ParseMicros(std::string_view text) {
  int64_t micros = 0;
  int places = -1;  // no point yet
  bool has_digit = false;
  for (const char c : text) {
    if (c == '.' && places < 0 && has_digit) {
      places = 0;
      continue;
    }
    if (!IsDigit(c) || places == kPlaces || micros > kMaxUnits * kMicros) return std::nullopt;
    has_digit = true;
    micros = 10 * micros + (c - '0');
    if (places >= 0) ++places;
  }
  if (!has_digit || text.ends_with('.')) return std::nullopt;
  for (int i = std::max(places, 0); i < kPlaces; ++i) {
    if (micros > kMaxUnits * kMicros) return std::nullopt;
    micros *= 10;
  }
  if (micros > kMaxUnits * kMicros) return std::nullopt;
  return micros;
}

std::string FormatMicros(int64_t micros) {
  std::string text = std::to_string(micros / kMicros);
  const int64_t rest = micros % kMicros;
  if (rest == 0) return text;
  std::string places = std::to_string(kMicros + rest).substr(1);
  places.erase(places.find_last_not_of('0') + 1);
  return text + "." + places;
}

}  // namespace troupe::graph
