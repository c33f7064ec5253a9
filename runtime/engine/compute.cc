#include "runtime/engine/compute.h"

#include <array>

namespace troupe::engine {
namespace {

constexpr std::string_view kAutoName = "auto";
constexpr std::array kAll{Compute::kAuto, Compute::kFp32, Compute::kBf16,
                          Compute::kInt8, Compute::kInt4, Compute::kStored};

}  // namespace

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

std::string_view ComputeName(Compute compute) {
  const auto format = FormatOf(compute);
  return format ? model::WeightFormatName(*format) : kAutoName;
}

std::optional<Compute> ComputeFromName(std::string_view name) {
  for (const Compute compute : kAll) {
    if (ComputeName(compute) == name) return compute;
  }
  return std::nullopt;
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
  for (const Compute compute : kAll) names += (names.empty() ? "" : ", ") + std::string(ComputeName(compute));
  return names;
}

}  // namespace troupe::engine
