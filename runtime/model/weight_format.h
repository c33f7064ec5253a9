#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace troupe::model {

// How weights are kept. Grids made here are symmetric, rounded to the nearest, in groups of 64 (32 where a layer's
// width asks for it); a width that no group divides is kept in bfloat16.
enum class WeightFormat : uint8_t {
  kF32,  // keys and values too; in all others those are bfloat16
  kBf16,
  kInt8,
  kInt4,
  // As the file has them where that is a grid of 4 or 8 bits; what is quantised otherwise in 8 bits, the rest in
  // bfloat16.
  kStored,
};

// "fp32", "bf16", "int8", "int4", "stored".
std::string_view WeightFormatName(WeightFormat weights);
std::optional<WeightFormat> WeightFormatFromName(std::string_view name);

inline bool IsFloat(WeightFormat weights) { return weights == WeightFormat::kF32 || weights == WeightFormat::kBf16; }

}  // namespace troupe::model
