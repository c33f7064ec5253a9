// In what number format a model computes, as people choose it: in a graph, on a command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/error.h"
#include "runtime/base/value.h"
#include "runtime/model/weight_format.h"

namespace troupe::engine {

enum class Compute : uint8_t {
  kAuto,  // what is best for the file and the device (model::BestFormat, model::BestEncoderFormat)
  kFp32,
  kBf16,
  kInt8,    // weights rounded to 8 bits when they are loaded
  kInt4,    // to 4 bits; better made ahead by `troupe-agent quantize`, which loses less
  kStored,  // weights as the file keeps them
};

// "auto", "fp32", "bf16", "int8", "int4", "stored".
std::string_view ComputeName(Compute compute);
std::optional<Compute> ComputeFromName(std::string_view name);
// How weights are kept for it; nothing for kAuto.
std::optional<model::WeightFormat> FormatOf(Compute compute);
// What an agent's configuration says under "compute"; kAuto where it says nothing. INVALID_ARGUMENT for another name.
Result<Compute> ComputeIn(const Value& config);
// All names, as a message lists them.
std::string ComputeNames();

}  // namespace troupe::engine
