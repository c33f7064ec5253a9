// Which compute devices this process may use: the CPU, with the cores and the memory that affinity and cgroup limits
// leave it, and each CUDA GPU that the driver shows. Plain values, read once at start; no torch here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::device {

enum class Kind : uint8_t { kCpu, kCuda };

struct Device {
  Kind kind = Kind::kCpu;
  // CUDA's device number; 0 for the CPU.
  int index = 0;
  // As the driver or /proc/cpuinfo says it: "NVIDIA L4".
  std::string name;
  // The name as the nvidia.com/gpu.product label of Kubernetes spells it: "NVIDIA-L4"; "cpu" for the CPU.
  std::string product;
  // CPU: how many cores' worth of time this process is granted, at least 1. GPU: 0.
  int cores = 0;
  // Bytes. For the CPU, what the cgroup grants where that is less than the machine has. Free is as of detection.
  int64_t memory_total_bytes = 0;
  int64_t memory_free_bytes = 0;
  // What names this very card to CUDA ("GPU-5f2c..."); empty for the CPU.
  std::string uuid;
  // What this process may take of it in all; 0 where it was granted nothing in particular (grant.h).
  int64_t memory_granted_bytes = 0;

  bool operator==(const Device&) const = default;
};

// "NVIDIA-L4 (cuda:0, 22.1 of 23.0 GiB free)", "cpu (Intel Xeon ..., 2 cores, 20.0 of 23.4 GiB free)".
std::string ToString(const Device& device);

// The label for a driver's name: blanks become dashes.
std::string ProductLabel(std::string_view name);

}  // namespace troupe::device
