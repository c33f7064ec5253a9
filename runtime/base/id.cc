#include "runtime/base/id.h"

#include <array>
#include <random>

#include "runtime/base/clock.h"

namespace troupe {

std::string MakeUuid7(int64_t unix_ms, uint64_t random_high, uint64_t random_low) {
  std::array<uint8_t, 16> bytes{};
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<uint8_t>(unix_ms >> (40 - 8 * i));
  bytes[6] = static_cast<uint8_t>(0x70 | ((random_high >> 8) & 0x0f));
  bytes[7] = static_cast<uint8_t>(random_high);
  bytes[8] = static_cast<uint8_t>(0x80 | ((random_low >> 56) & 0x3f));
  for (int i = 9; i < 16; ++i) bytes[i] = static_cast<uint8_t>(random_low >> (8 * (15 - i)));
  constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kHex[bytes[i] >> 4];
    text += kHex[bytes[i] & 15];
  }
  return text;
}

std::string NewUuid7() {
  thread_local std::mt19937_64 engine = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  return MakeUuid7(SystemClock().NowMs(), engine(), engine());
}

}  // namespace troupe
