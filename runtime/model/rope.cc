#include "runtime/model/rope.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/pow.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace troupe::model {
namespace {

// theta^(2i / dims) for the pairs i < count, in float32 as models were trained with them.
std::vector<float> Powers(double theta, int64_t count, int64_t dims) {
  const at::Tensor exponents = at::arange(0, 2 * count, 2, at::TensorOptions().dtype(at::kFloat)) / dims;
  const at::Tensor powers = at::pow(theta, exponents).contiguous();
  const auto* begin = powers.const_data_ptr<float>();
  return {begin, begin + count};
}

std::vector<float> Inverse(std::vector<float> powers) {
  for (float& power : powers) power = 1.0f / power;
  return powers;
}

std::vector<float> Divided(const RopeConfig& c, const std::vector<double>& divisors) {
  std::vector<float> powers = Powers(c.theta, c.dims / 2, c.dims);
  for (size_t i = 0; i < powers.size(); ++i) powers[i] *= static_cast<float>(divisors[i]);
  return Inverse(std::move(powers));
}

// The pair that makes `turns` turns within the original length; not whole.
double PairOfTurns(const RopeConfig& c, double turns) {
  const double length = static_cast<double>(c.original_positions);
  return static_cast<double>(c.dims) * std::log(length / (turns * 2 * std::numbers::pi)) / (2 * std::log(c.theta));
}

std::vector<float> Yarn(const RopeConfig& c) {
  double begin = PairOfTurns(c, c.beta_fast);
  double end = PairOfTurns(c, c.beta_slow);
  if (c.truncate) {
    begin = std::floor(begin);
    end = std::ceil(end);
  }
  begin = std::max(begin, 0.0);
  end = std::min(end, static_cast<double>(c.dims - 1));
  if (begin == end) end += 0.001;
  std::vector<float> powers = Powers(c.theta, c.dims / 2, c.dims);
  for (size_t i = 0; i < powers.size(); ++i) {
    const auto slow = static_cast<float>(std::clamp((static_cast<double>(i) - begin) / (end - begin), 0.0, 1.0));
    const float kept = 1.0f / powers[i];
    const float divided = 1.0f / (static_cast<float>(c.factor) * powers[i]);
    powers[i] = divided * slow + kept * (1.0f - slow);
  }
  return powers;
}

std::vector<float> Llama3(const RopeConfig& c) {
  std::vector<float> frequencies = Inverse(Powers(c.theta, c.dims / 2, c.dims));
  const double length = static_cast<double>(c.original_positions);
  for (float& frequency : frequencies) {
    const double wavelength = 2 * std::numbers::pi / frequency;
    if (wavelength < length / c.high_freq_factor) continue;
    if (wavelength > length / c.low_freq_factor) {
      frequency = static_cast<float>(frequency / c.factor);
    } else {
      const double kept = (length / wavelength - c.low_freq_factor) / (c.high_freq_factor - c.low_freq_factor);
      frequency = static_cast<float>((1 - kept) * frequency / c.factor + kept * frequency);
    }
  }
  return frequencies;
}

std::vector<float> Proportional(const RopeConfig& c) {
  const auto turning = static_cast<int64_t>(c.share * static_cast<double>(c.dims)) / 2;
  std::vector<float> frequencies = Inverse(Powers(c.theta, turning, c.dims));
  for (float& frequency : frequencies) frequency /= static_cast<float>(c.factor);
  frequencies.resize(c.dims / 2);  // the other pairs stand still
  return frequencies;
}

// bloc97 and emozilla, 2023: the base that makes the slowest pair turn as far in `length` as in the original length.
std::vector<float> Dynamic(const RopeConfig& c, int64_t length) {
  const double original = static_cast<double>(c.original_positions);
  const double growth =
      c.factor * static_cast<double>(std::max(length, c.original_positions)) / original - (c.factor - 1);
  const double dims = static_cast<double>(c.dims);
  return Inverse(Powers(c.theta * std::pow(growth, dims / (dims - 2)), c.dims / 2, c.dims));
}

std::vector<float> Usual(const RopeConfig& c) {
  switch (c.kind) {
    case RopeKind::kYarn:
      return Yarn(c);
    case RopeKind::kLlama3:
      return Llama3(c);
    case RopeKind::kProportional:
      return Proportional(c);
    case RopeKind::kLongRope:
    case RopeKind::kDivided:
      return Divided(c, c.short_divisors);
    case RopeKind::kLinear: {
      std::vector<float> frequencies = Inverse(Powers(c.theta, c.dims / 2, c.dims));
      for (float& frequency : frequencies) frequency /= static_cast<float>(c.factor);
      return frequencies;
    }
    case RopeKind::kDefault:
    case RopeKind::kDynamic:
      break;
  }
  return Inverse(Powers(c.theta, c.dims / 2, c.dims));
}

}  // namespace

std::string_view RopeKindName(RopeKind kind) {
  constexpr std::array<std::string_view, 8> kNames{"default",  "linear", "dynamic",      "yarn",
                                                   "longrope", "llama3", "proportional", "divided"};
  return kNames[static_cast<size_t>(kind)];
}

Rope::Rope(const RopeConfig& config) : config_(config), usual_(Usual(config)) {
  if (config_.kind == RopeKind::kLongRope) longer_ = Divided(config_, config_.long_divisors);
}

void Rope::Fill(int64_t first, int64_t count, int64_t length, float* cosines, float* sines) const {
  const std::vector<float>* frequencies = &usual_;
  std::vector<float> grown;
  if (length > config_.original_positions) {
    if (config_.kind == RopeKind::kLongRope) frequencies = &longer_;
    if (config_.kind == RopeKind::kDynamic) {
      grown = Dynamic(config_, length);
      frequencies = &grown;
    }
  }
  const auto scale = static_cast<float>(config_.attention_factor);
  for (int64_t position = first; position < first + count; ++position) {
    for (const float frequency : *frequencies) {
      // In float32, like the models' own code: at far positions the rounding of the angle is part of what they learnt.
      const float angle = static_cast<float>(position) * frequency;
      *cosines++ = std::cos(angle) * scale;
      *sines++ = std::sin(angle) * scale;
    }
  }
}

}  // namespace troupe::model
