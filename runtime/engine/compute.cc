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

std::string ComputeNames() {
  std::string names;
  for (const std::string_view name : kNames) names += (names.empty() ? "" : ", ") + std::string(name);
  return names;
}

}  // namespace troupe::engine
