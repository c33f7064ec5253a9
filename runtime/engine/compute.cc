#include "runtime/engine/compute.h"

#include <array>

namespace troupe::engine {
namespace {

constexpr std::array<std::string_view, 6> kNames{"auto", "fp32", "bf16", "int8", "int4", "stored"};
static_assert(static_cast<size_t>(Compute::kStored) + 1 == kNames.size());

}  // namespace

std::string_view ComputeName(Compute compute) { return kNames[static_cast<size_t>(compute)]; }

std::optional<Compute> ComputeFromName(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Compute>(i);
  }
  return {};
}

std::optional<model::WeightFormat> FormatOf(Compute compute) {
  switch (compute) {
    case Compute::kFp32:
      return model::WeightFormat::kF32;
    case Compute::kBf16:
      return model::WeightFormat::kBf16;
    case Compute::kInt8:
      return model::WeightFormat::kInt8;
    case Compute::kInt4:
      return model::WeightFormat::kInt4;
    case Compute::kStored:
      return model::WeightFormat::kStored;
    case Compute::kAuto:
      break;
  }
  return {};
}

Result<Compute> ComputeIn(const Value& config) {
  if (!config.is_object() || !config.contains("compute")) return Compute::kAuto;
  const Value& name = config["compute"];
  const auto compute = name.is_string() ? ComputeFromName(name.get_ref<const std::string&>()) : std::nullopt;
  if (!compute) return Invalid("config.compute: " + name.dump() + " is none of " + ComputeNames());
  return *compute;
}

std::string ComputeNames() {
  std::string names;
  for (const std::string_view name : kNames) names += (names.empty() ? "" : ", ") + std::string(name);
  return names;
}

}  // namespace troupe::engine
