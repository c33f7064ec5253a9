#include "runtime/quantize/trained_grid.h"

#include <ATen/Parallel.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/empty.h>
#include <c10/util/BFloat16.h>

#include <algorithm>
#include <cmath>

#include "runtime/base/check.h"
#include "runtime/kernels/float16.h"

namespace troupe::quantize {
namespace {

constexpr float kKeepFirst = 0.9f;
constexpr float kKeepSquare = 0.95f;
constexpr float kTiny = 1e-20f;
constexpr int64_t kGrain = 64;
// Adding and taking it off again rounds to the nearest whole number (for |x| < 2^22).
constexpr float kRound = 12'582'912.0f;

float AsHalf(float value) { return kernels::HalfToFloat(kernels::FloatToHalf(value)); }

// 1 - keep^number: moments begin at 0.
float Filled(float keep, int64_t number) { return 1 - std::pow(keep, static_cast<float>(number)); }

}  // namespace

TrainedGrid::TrainedGrid(kernels::Grid start, const at::Tensor& full, c10::ScalarType dtype) : grid_(std::move(start)) {
  CHECK(grid_.symmetric() && full.numel() == grid_.rows * grid_.columns);
  CHECK(dtype == at::kFloat || dtype == at::kBFloat16);
  const at::Tensor whole = full.contiguous();
  const auto* goal = whole.const_data_ptr<float>();
  const auto middle = static_cast<float>(1 << (grid_.bits - 1));
  const auto group = static_cast<size_t>(grid_.group);
  for (const uint16_t scale : grid_.scales) scales_.push_back(kernels::HalfToFloat(scale));
  numbers_.resize(grid_.codes.size());
  first_.resize(grid_.codes.size());
  second_.resize(grid_.codes.size());
  moments_.resize(scales_.size());
  constexpr float kWithin = 0.4f;  // of the code: nearer to its edge, the first steps would change many at once
  for (size_t i = 0; i < numbers_.size(); ++i) {
    const float code = static_cast<float>(grid_.codes[i]) - middle, scale = scales_[i / group];
    numbers_[i] = scale == 0 ? 0 : std::clamp(goal[i] / scale, code - kWithin, code + kWithin);
  }
  values_ = at::empty({grid_.rows, grid_.columns}, at::TensorOptions().dtype(dtype));
  if (dtype == at::kFloat) {
    WriteValues(values_.data_ptr<float>());
  } else {
    WriteValues(values_.data_ptr<c10::BFloat16>());
  }
  values_.set_requires_grad(true);
}

template <typename T>
void TrainedGrid::WriteValues(T* values) {
  const float middle = static_cast<float>(1 << (grid_.bits - 1));
  for (size_t i = 0; i < grid_.codes.size(); ++i) {
    values[i] = AsHalf(scales_[i / static_cast<size_t>(grid_.group)]) * (static_cast<float>(grid_.codes[i]) - middle);
  }
}

// The moments.
template <typename T>
void TrainedGrid::Gather(const T* gradient) {
  const int64_t group = grid_.group;
  const float middle = static_cast<float>(1 << (grid_.bits - 1));
  at::parallel_for(0, static_cast<int64_t>(scales_.size()), kGrain, [&](int64_t from, int64_t to) {
    for (int64_t g = from; g < to; ++g) {
      const T* slopes = gradient + g * group;
      const uint8_t* codes = grid_.codes.data() + g * group;
      float* first = first_.data() + g * group;
      float* second = second_.data() + g * group;
      const float scale = scales_[static_cast<size_t>(g)];
      float along = 0, square = 0;
      for (int64_t i = 0; i < group; ++i) {
        const float slope = static_cast<float>(slopes[i]) * scale;
        along += slope * (static_cast<float>(codes[i]) - middle);
        first[i] += (1 - kKeepFirst) * (slope - first[i]);
        second[i] += (1 - kKeepSquare) * (slope * slope - second[i]);
        square += second[i];
      }
      ScaleMoments& m = moments_[static_cast<size_t>(g)];
      m.square_of_numbers = square / static_cast<float>(group);
      m.first += (1 - kKeepFirst) * (along - m.first);
      m.second += (1 - kKeepSquare) * (along * along - m.second);
    }
  });
}

template <typename T>
void TrainedGrid::Move(T* values, const StepRates& rates, int64_t number) {
  double square = 0, scale_square = 0;
  for (const ScaleMoments& m : moments_) {
    square += m.square_of_numbers;
    scale_square += m.second;
  }
  const auto groups = static_cast<double>(moments_.size());
  const float filled_first = Filled(kKeepFirst, number), filled_square = Filled(kKeepSquare, number);
  const auto root = [&](double mean) { return std::sqrt(static_cast<float>(mean) / filled_square); };
  const float all = root(square / groups) + kTiny, all_scale = root(scale_square / groups) + kTiny;
  const auto low = static_cast<float>(-(1 << (grid_.bits - 1)));
  const float high = -low - 1;
  const float step = static_cast<float>(rates.code) / filled_first, inverse = 1 / filled_square;
  const int64_t group = grid_.group;
  at::parallel_for(0, static_cast<int64_t>(scales_.size()), kGrain, [&](int64_t from, int64_t to) {
    for (int64_t g = from; g < to; ++g) {
      const ScaleMoments& m = moments_[static_cast<size_t>(g)];
      float& scale = scales_[static_cast<size_t>(g)];
      scale *= 1 - static_cast<float>(rates.scale) * m.first / filled_first / (root(m.second) + all_scale);
      const float kept = AsHalf(scale);
      for (int64_t i = g * group; i < (g + 1) * group; ++i) {
        const auto at = static_cast<size_t>(i);
        const float way = step * first_[at] / (std::sqrt(second_[at] * inverse) + all);
        const float moved = std::clamp(numbers_[at] - way, low - 0.49f, high + 0.49f);
        const float code = (moved + kRound) - kRound;
        numbers_[at] = moved;
        grid_.codes[at] = static_cast<uint8_t>(static_cast<int>(code - low));
        values[i] = static_cast<T>(kept * code);
      }
    }
  });
}

void TrainedGrid::Step(const StepRates& rates, int64_t number) {
  const at::Tensor gradient = values_.grad();
  if (!gradient.defined()) return;  // nothing depended on it
  const at::Tensor whole = gradient.contiguous();
  if (values_.scalar_type() == at::kFloat) {
    Gather(whole.const_data_ptr<float>());
    Move(static_cast<float*>(values_.data_ptr()), rates, number);
  } else {
    Gather(whole.const_data_ptr<c10::BFloat16>());
    Move(static_cast<c10::BFloat16*>(values_.data_ptr()), rates, number);
  }
  values_.mutable_grad() = at::Tensor();
}

kernels::Grid TrainedGrid::grid() const {
  kernels::Grid grid = grid_;
  for (size_t i = 0; i < scales_.size(); ++i) grid.scales[i] = kernels::FloatToHalf(scales_[i]);
  return grid;
}

}  // namespace troupe::quantize
