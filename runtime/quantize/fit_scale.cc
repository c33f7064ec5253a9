#include "runtime/quantize/fit_scale.h"

#include <algorithm>
#include <cmath>

#include "runtime/base/check.h"
#include "runtime/kernels/float16.h"

namespace troupe::quantize {
namespace {

// Adding and taking it off again rounds to the nearest whole number, without a call (for |x| < 2^22).
constexpr float kRound = 12'582'912.0f;

struct Trial {
  float error = 0;
  float cross = 0, square = 0;  // of values with codes, of codes with themselves: least squares from them
};

Trial Try(std::span<const float> values, std::span<const float> importance, float scale, int bits) {
  const float inverse = 1 / scale;
  const auto low = static_cast<float>(-(1 << (bits - 1)));
  const float high = -low - 1;
  Trial trial;
  for (size_t i = 0; i < values.size(); ++i) {
    const float weight = importance.empty() ? 1.0f : importance[i];
    const float code = (std::clamp(values[i] * inverse, low, high) + kRound) - kRound;
    const float gap = values[i] - scale * code;
    trial.error += weight * gap * gap;
    trial.cross += weight * values[i] * code;
    trial.square += weight * code * code;
  }
  return trial;
}

float AsHalf(float value) { return kernels::HalfToFloat(kernels::FloatToHalf(value)); }

}  // namespace

float FitScale(std::span<const float> values, std::span<const float> importance, int bits) {
  CHECK(importance.empty() || importance.size() == values.size());
  float largest = 0;
  for (const float value : values) largest = std::max(largest, std::abs(value));
  const float whole = largest / static_cast<float>(1 << (bits - 1));
  if (AsHalf(whole) == 0 || !std::isfinite(whole)) return 0;
  float best_scale = AsHalf(-whole);
  Trial best = Try(values, importance, best_scale, bits);
  const auto consider = [&](float scale) {
    scale = AsHalf(scale);
    if (scale == 0 || !std::isfinite(scale)) return;
    const Trial trial = Try(values, importance, scale, bits);
    if (trial.error < best.error) {
      best = trial;
      best_scale = scale;
    }
  };
  for (int step = 0; step < 20; ++step) {
    const float scale = whole * (0.58f + 0.03f * static_cast<float>(step));  // 1 is among them
    consider(scale);
    consider(-scale);
  }
  if (best.square > 0) consider(best.cross / best.square);
  return best_scale;
}

uint8_t CodeOf(float value, float scale, int bits) {
  const int middle = 1 << (bits - 1);
  if (scale == 0) return static_cast<uint8_t>(middle);
  const auto limit = static_cast<float>(middle);
  const float code = std::nearbyint(std::clamp(value / scale, -limit, limit - 1));
  return static_cast<uint8_t>(static_cast<int>(code) + middle);
}

}  // namespace troupe::quantize
