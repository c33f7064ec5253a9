#include "runtime/kernels/grid.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "runtime/base/check.h"
#include "runtime/kernels/float16.h"

namespace troupe::kernels {

Status CheckGrid(const Grid& grid) {
  if (grid.bits != 4 && grid.bits != 8) {
    return Invalid("a grid of " + std::to_string(grid.bits) + " bits: there are 4 and 8");
  }
  if (grid.rows < 1 || grid.columns < 1 || grid.group < 1 || grid.columns % grid.group != 0) {
    return Invalid("a grid of " + std::to_string(grid.rows) + " by " + std::to_string(grid.columns) +
                   " does not divide into groups of " + std::to_string(grid.group));
  }
  const auto values = static_cast<size_t>(grid.rows) * static_cast<size_t>(grid.columns);
  const size_t groups = values / static_cast<size_t>(grid.group);
  if (grid.codes.size() != values || grid.scales.size() != groups ||
      (!grid.symmetric() && grid.offsets.size() != groups)) {
    return Invalid("a grid's codes, scales or offsets are not as many as its size says");
  }
  const int limit = 1 << grid.bits;
  if (std::any_of(grid.codes.begin(), grid.codes.end(), [&](uint8_t code) { return code >= limit; })) {
    return Invalid("a grid of " + std::to_string(grid.bits) + " bits has a code of " + std::to_string(limit) +
                   " or more");
  }
  const auto is_finite = [](uint16_t half) { return (half & 0x7c00) != 0x7c00; };
  if (!std::all_of(grid.scales.begin(), grid.scales.end(), is_finite) ||
      !std::all_of(grid.offsets.begin(), grid.offsets.end(), is_finite)) {
    return Invalid("a grid has a scale or an offset that is no finite number");
  }
  return {};
}

std::vector<float> Values(const Grid& grid) {
  std::vector<float> values(grid.codes.size());
  const float middle = static_cast<float>(1 << (grid.bits - 1));
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t group = i / static_cast<size_t>(grid.group);
    const float scale = HalfToFloat(grid.scales[group]);
    const float offset = grid.symmetric() ? -scale * middle : HalfToFloat(grid.offsets[group]);
    values[i] = scale * static_cast<float>(grid.codes[i]) + offset;
  }
  return values;
}

Grid RoundToGrid(std::span<const float> values, int64_t rows, int64_t columns, int bits, int64_t group) {
  CHECK(static_cast<int64_t>(values.size()) == rows * columns && columns % group == 0);
  Grid grid{rows, columns, bits, group, std::vector<uint8_t>(values.size()), {}, {}};
  const int middle = 1 << (bits - 1);
  for (size_t begin = 0; begin < values.size(); begin += static_cast<size_t>(group)) {
    const auto part = values.subspan(begin, static_cast<size_t>(group));
    float largest = 0;
    for (float value : part) largest = std::abs(value) > std::abs(largest) ? value : largest;
    // The code range has one more step below the middle than above it: the largest value takes it.
    const float scale = HalfToFloat(FloatToHalf(-largest / static_cast<float>(middle)));
    for (size_t i = 0; i < part.size(); ++i) {
      const float code = scale == 0 ? 0 : std::nearbyint(part[i] / scale);
      grid.codes[begin + i] = static_cast<uint8_t>(std::clamp(static_cast<int>(code) + middle, 0, 2 * middle - 1));
    }
    grid.scales.push_back(FloatToHalf(scale));
  }
  return grid;
}

}  // namespace troupe::kernels
