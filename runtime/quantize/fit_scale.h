// The scale of a group of weights on a symmetric grid that loses least: clipping the largest values makes the steps
// finer for all others (as in Nagel et al., 2021, arXiv:2106.08295, section 3.1; by mean squared error).
#pragma once

#include <cstdint>
#include <span>

namespace troupe::quantize {

// The scale s, a binary16's value, for which the sum of importance * (value - s * code)^2 is least of those tried: some
// forty from clipping to not even using the whole range, of both signs since the range has one more code below 0, the
// best one then refined by least squares. `importance` is as long as `values`, 0 or more, or empty: all alike. 0 where
// all values are.
float FitScale(std::span<const float> values, std::span<const float> importance, int bits);

// The nearest code, 0 to 2^bits - 1, around 2^(bits-1).
uint8_t CodeOf(float value, float scale, int bits);
// What it stands for.
inline float ValueOf(uint8_t code, float scale, int bits) {
  return scale * static_cast<float>(static_cast<int>(code) - (1 << (bits - 1)));
}

}  // namespace troupe::quantize
