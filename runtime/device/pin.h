// Whether a process stands on the device that its pool is pinned to. The wrong device is refused, unless pins are
// relaxed: then the best device there is is taken, and the choice says so.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/device/device.h"

namespace troupe::device {

struct Pin {
  // Product labels ("NVIDIA-L4"), most wanted first. Empty: the CPU.
  std::vector<std::string> gpus;
  // Free memory the work needs, in bytes; 0: not checked.
  int64_t memory_bytes = 0;
};

enum class Pinning : uint8_t { kStrict, kRelaxed };

struct Choice {
  Device device;
  // True where the pin was not met and kRelaxed let it pass.
  bool relaxed = false;
  // One sentence: which device and why. For logs and Describe.
  std::string reason;
};

// "NVIDIA-L4 or NVIDIA-A10G", "cpu".
std::string ToString(const Pin& pin);

// Errors: FAILED_PRECONDITION naming what was asked and what is there; RESOURCE_EXHAUSTED for a right device without
// the memory.
Result<Choice> Match(const Pin& pin, std::span<const Device> devices, Pinning pinning = Pinning::kStrict);

}  // namespace troupe::device
