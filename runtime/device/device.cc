#include "runtime/device/device.h"

#include <algorithm>
#include <cstdio>

namespace troupe::device {
namespace {

std::string Gib(int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f", static_cast<double>(bytes) / (1 << 30));
  return text;
}

}  // namespace

std::string ProductLabel(std::string_view name) {
  std::string label(name);
  std::replace(label.begin(), label.end(), ' ', '-');
  return label;
}

std::string ToString(const Device& device) {
  const std::string memory = Gib(device.memory_free_bytes) + " of " + Gib(device.memory_total_bytes) + " GiB free)";
  if (device.kind == Kind::kCuda) return device.product + " (cuda:" + std::to_string(device.index) + ", " + memory;
  return "cpu (" + device.name + ", " + std::to_string(device.cores) + (device.cores == 1 ? " core, " : " cores, ") +
         memory;
}

}  // namespace troupe::device
