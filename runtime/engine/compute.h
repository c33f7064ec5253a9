// In what number format a model computes, as people choose it: in a graph, on a command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::engine {

enum class Compute : uint8_t {
  kAuto,  // what is best for the file and the device (model::BestFormat)
  kFp32,
  kBf16,
  kInt8,    // weights rounded to 8 bits when they are loaded, in groups of 64
  kInt4,    // to 4 bits; better made ahead by `troupe-agent quantize`, which loses less
  kStored,  // weights as the file keeps them
};

// "auto", "fp32", "bf16", "int8", "int4", "stored".
std::string_view ComputeName(Compute compute);
std::optional<Compute> ComputeFromName(std::string_view name);
// All names, as a message lists them.
std::string ComputeNames();

}  // namespace troupe::engine
