#include "router/content/pick.h"

#include <bit>

#include "runtime/base/check.h"

namespace troupe::content {
namespace {

uint32_t Mixed(uint32_t hash) {
  hash ^= hash >> 16;
  hash *= 0x85ebca6bu;
  hash ^= hash >> 13;
  hash *= 0xc2b2ae35u;
  hash ^= hash >> 16;
  return hash;
}

// -ln((hash + 0.5) / 2^32), to eight digits. deploy/content/troupe-content.js does the same steps in the same order.
double NegativeLog(uint32_t hash) {
  constexpr double kLn2 = 0.6931471805599453;
  if (hash == 0) return 33 * kLn2;
  const int exponent = 31 - std::countl_zero(hash);
  const double mantissa = (hash + 0.5) / static_cast<double>(1u << exponent);
  const double t = (mantissa - 1) / (mantissa + 1);
  const double s = t * t;
  double sum = 1.0 / 13;
  for (int odd = 11; odd >= 1; odd -= 2) sum = sum * s + 1.0 / odd;
  return (32 - exponent) * kLn2 - 2 * t * sum;
}

}  // namespace

uint32_t HashOf(std::string_view key) {
  uint32_t hash = 0x811c9dc5u;
  for (const char c : key) hash = (hash ^ static_cast<uint8_t>(c)) * 0x01000193u;
  return Mixed(hash);
}

size_t Pick(std::span<const Candidate> candidates, std::string_view user) {
  const uint32_t user_hash = HashOf(user);
  size_t best = candidates.size();
  double lowest = 0;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].weight <= 0) continue;
    const double score = NegativeLog(Mixed(candidates[i].seed ^ user_hash)) / static_cast<double>(candidates[i].weight);
    if (best == candidates.size() || score < lowest) {
      best = i;
      lowest = score;
    }
  }
  CHECK(best < candidates.size());
  return best;
}

}  // namespace troupe::content
