#include "runtime/engine/fit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "runtime/base/memory_share.h"
#include "runtime/device/grant.h"
#include "runtime/engine/page_pool.h"
#include "runtime/model/decoder.h"
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

Result<Room> RoomThatFits(const model::DecoderBytes& bytes, int64_t sequences, int64_t wanted, int64_t max_pages,
                          const device::Device& device) {
  const int64_t least = std::min(wanted, kLeastContext);
  const Needs needs{static_cast<double>(bytes.weights),
                    static_cast<double>(bytes.page) / static_cast<double>(model::kPageTokens)};
  double fits = static_cast<double>(sequences) * static_cast<double>(PagesFor(wanted));
  if (max_pages > 0) fits = std::min(fits, static_cast<double>(std::max(max_pages, PagesFor(least))));
  if (device.memory_granted_bytes > 0) {
    fits = std::min(fits, std::floor(TokensThatFit(needs, device) / static_cast<double>(model::kPageTokens)));
    if (fits < static_cast<double>(PagesFor(least))) {
      return Refusal(needs, static_cast<double>(PagesFor(least) * model::kPageTokens),
                     "a sequence of " + std::to_string(least) + " tokens", "or take a smaller model", device);
    }
  } else if (device.memory_free_bytes > 0) {
    const int64_t percent = device.kind == device::Kind::kCpu ? kPagesPercentOfCpu : kPagesPercentOfGpu;
    const double left = static_cast<double>(device.memory_free_bytes) - needs.weights;
    fits = std::min(fits, std::floor(left * static_cast<double>(percent) / 100 / static_cast<double>(bytes.page)));
  }
  // Nothing was promised to it where nothing was granted, so the least that is of use is worth a try.
  Room room;
  room.pages = static_cast<int64_t>(std::max(fits, static_cast<double>(PagesFor(least))));
  room.pages = std::min<int64_t>(room.pages, std::numeric_limits<model::PageId>::max());
  room.context = std::min(wanted, room.pages * model::kPageTokens);
  return room;
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
