#include "runtime/model/decoder_bytes.h"

#include "runtime/model/decoder.h"
#include "runtime/model/size.h"

namespace troupe::model {
namespace {

// Of every 16 values, with the scales of their groups.
int64_t BytesOfSixteen(WeightFormat weights) {
  switch (weights) {
    case WeightFormat::kF32:
      return 64;
    case WeightFormat::kBf16:
      return 32;
    case WeightFormat::kInt8:
    case WeightFormat::kStored:  // at most
      return 17;
    case WeightFormat::kInt4:
      break;
  }
  return 9;
}

}  // namespace

DecoderBytes BytesOf(const ModelConfig& config, WeightFormat weights) {
  // Half of what is cached are values, which CpuDecoder keeps in whole registers.
  constexpr int64_t kLanes = 16;
  const int64_t keys = CacheNumbersOf(config) / 2;
  const int64_t values = keys / config.head_dim * ((config.head_dim + kLanes - 1) / kLanes * kLanes);
  return {ParametersOf(config) / 16 * BytesOfSixteen(weights),
          (keys + values) * kPageTokens * (weights == WeightFormat::kF32 ? 4 : 2)};
}

}  // namespace troupe::model
