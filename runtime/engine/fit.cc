#include "runtime/engine/fit.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "runtime/base/memory_share.h"
#include "runtime/device/grant.h"
#include "runtime/model/size.h"

namespace troupe::engine {
namespace {

// What a model takes: `weights` once, `token` for each token that is there at a time. Bytes, in double: sizes come from
// files, and their products do not overflow.
struct Needs {
  double weights = 0;
  double token = 0;
};

double UsableBytes(const device::Device& device) {
  return static_cast<double>(device::TensorBytes(device)) * (100 - kSparePercent) / 100;
}

std::string Text(double bytes) {
  constexpr double kMost = 1e18;
  return MemoryText(static_cast<int64_t>(std::ceil(std::min(bytes, kMost))));
}

Error Refusal(const Needs& needs, double tokens, const std::string& what, const std::string& advice,
              const device::Device& device) {
  const double spare = (needs.weights + tokens * needs.token) * kSparePercent / (100 - kSparePercent);
  const auto own = static_cast<double>(device.memory_granted_bytes - device::TensorBytes(device));
  std::string parts = "weights " + Text(needs.weights) + ", " + what + " " + Text(tokens * needs.token) +
                      ", to compute with " + Text(spare);
  if (own > 0) parts += ", CUDA itself " + Text(own);
  return Exhausted("the model needs " + Text(needs.weights + tokens * needs.token + spare + own) + " (" + parts +
                   "), granted are " + MemoryText(device.memory_granted_bytes) + " of " + device.product +
                   "; grant the agent more memory, " + advice);
}

// Tokens that fit; nothing may be granted.
double TokensThatFit(const Needs& needs, const device::Device& device) {
  return std::floor((UsableBytes(device) - needs.weights) / needs.token);
}

}  // namespace

Result<int64_t> ContextThatFits(const model::ModelConfig& config, int64_t number_bytes, int64_t sequences,
                                int64_t wanted, const device::Device& device) {
  if (device.memory_granted_bytes == 0) return wanted;
  const auto size = static_cast<double>(number_bytes);
  const Needs needs{static_cast<double>(model::ParametersOf(config)) * size,
                    static_cast<double>(model::CacheNumbersOf(config)) * size};
  const double fits = std::floor(TokensThatFit(needs, device) / static_cast<double>(sequences));
  const int64_t least = std::min(wanted, kLeastContext);
  if (fits < static_cast<double>(least)) {
    return Refusal(needs, static_cast<double>(least) * static_cast<double>(sequences),
                   std::to_string(sequences) + " sequences of " + std::to_string(least) + " tokens",
                   "give it fewer slots, or take a smaller model", device);
  }
  return static_cast<int64_t>(std::min(fits, static_cast<double>(wanted)));
}

Result<int64_t> BatchThatFits(const model::ModelConfig& config, int64_t text_tokens, int64_t wanted,
                              const device::Device& device) {
  if (device.memory_granted_bytes == 0) return wanted;
  constexpr double kFloat = 4;
  const auto hidden = static_cast<double>(config.hidden);
  // of one layer, at its widest: input, output and between them queries, keys, values, both sides of the activation,
  // and scores where attention writes them down
  const double numbers = 8 * hidden + 2 * static_cast<double>(config.ffn) +
                         static_cast<double>(config.heads) * static_cast<double>(text_tokens);
  const Needs needs{static_cast<double>(model::ParametersOf(config)) * kFloat, numbers * kFloat};
  const double fits = TokensThatFit(needs, device);
  if (fits < static_cast<double>(text_tokens)) {
    return Refusal(needs, static_cast<double>(text_tokens), "a text of " + std::to_string(text_tokens) + " tokens",
                   "or take a smaller model", device);
  }
  return static_cast<int64_t>(std::min(fits, static_cast<double>(wanted)));
}

}  // namespace troupe::engine
