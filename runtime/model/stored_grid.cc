#include "runtime/model/stored_grid.h"

#include <cstdint>
#include <cstring>

namespace troupe::model {
namespace {

constexpr int64_t kGroup = 32;

uint16_t Half(const uint8_t* bytes) {
  uint16_t half = 0;
  std::memcpy(&half, bytes, sizeof(half));
  return half;
}

// 16 bytes: values 0 to 15 in the low halves, 16 to 31 in the high ones.
void Nibbles(const uint8_t* bytes, uint8_t* codes) {
  for (int i = 0; i < 16; ++i) {
    codes[i] = bytes[i] & 15;
    codes[i + 16] = bytes[i] >> 4;
  }
}

}  // namespace

std::optional<kernels::Grid> StoredGrid(const TensorView& view) {
  const bool q40 = view.format == Format::kQ40, q41 = view.format == Format::kQ41;
  if ((!q40 && !q41 && view.format != Format::kQ80) || view.shape.size() != 2) return {};
  kernels::Grid grid{.rows = view.shape[0], .columns = view.shape[1], .bits = q40 || q41 ? 4 : 8, .group = kGroup};
  grid.codes.resize(static_cast<size_t>(view.numel()));
  const auto groups = static_cast<size_t>(view.numel() / kGroup);
  grid.scales.reserve(groups);
  const int64_t step = BlockOf(view.format).bytes;
  const auto* block = reinterpret_cast<const uint8_t*>(view.bytes.data());
  uint8_t* codes = grid.codes.data();
  for (size_t i = 0; i < groups; ++i, block += step, codes += kGroup) {
    grid.scales.push_back(Half(block));
    if (q41) {
      grid.offsets.push_back(Half(block + 2));
      Nibbles(block + 4, codes);
    } else if (q40) {
      Nibbles(block + 2, codes);
    } else {
      for (int j = 0; j < kGroup; ++j) codes[j] = block[2 + j] ^ 0x80;  // -128 to 127 become 0 to 255
    }
  }
  return grid;
}

}  // namespace troupe::model
