#include "runtime/model/weight_format.h"

#include <array>

namespace troupe::model {
namespace {

constexpr std::array<std::string_view, 5> kNames{"fp32", "bf16", "int8", "int4", "stored"};
static_assert(static_cast<size_t>(WeightFormat::kStored) + 1 == kNames.size());

}  // namespace

std::string_view WeightFormatName(WeightFormat weights) { return kNames[static_cast<size_t>(weights)]; }

std::optional<WeightFormat> WeightFormatFromName(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<WeightFormat>(i);
  }
  return std::nullopt;
}

}  // namespace troupe::model
