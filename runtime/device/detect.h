// Finds the devices. What the machine says comes through Sources, so that tests can describe any machine.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/device/device.h"

namespace troupe::device {

struct GpuInfo {
  std::string name;
  // "GPU-5f2c...": the one name that no other card has.
  std::string uuid;
  int64_t memory_total_bytes = 0;
  int64_t memory_free_bytes = 0;
};

struct Sources {
  // Where /proc and /sys/fs/cgroup begin: "/" on a real machine.
  std::filesystem::path root = "/";
  // Cores in the affinity mask of this process.
  std::function<int()> affinity_cores;
  // The GPUs in CUDA's order, empty where there is no driver. Errors: UNAVAILABLE for a driver that does not answer.
  std::function<Result<std::vector<GpuInfo>>()> gpus;
};

// sched_getaffinity, /proc, /sys, and NVML (libnvidia-ml.so.1) loaded at run time if it is there.
Sources SystemSources();

// The CPU first, then the GPUs. A driver that does not answer is an error only if `gpus` gives one.
Result<std::vector<Device>> Detect(const Sources& sources = SystemSources());

}  // namespace troupe::device
