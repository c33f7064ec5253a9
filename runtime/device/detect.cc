#include "runtime/device/detect.h"

#include <sched.h>

#include "runtime/device/cpu.h"
#include "runtime/device/nvml.h"

namespace troupe::device {

Sources SystemSources() {
  Sources sources;
  sources.affinity_cores = [] {
    cpu_set_t set;
    CPU_ZERO(&set);
    return sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
  };
  sources.gpus = GpusFromNvml;
  return sources;
}

Result<std::vector<Device>> Detect(const Sources& sources) {
  std::vector<Device> devices{DetectCpu(sources)};
  if (!sources.gpus) return devices;
  TRY_ASSIGN(const std::vector<GpuInfo> gpus, sources.gpus());
  for (size_t i = 0; i < gpus.size(); ++i) {
    Device device;
    device.kind = Kind::kCuda;
    device.index = static_cast<int>(i);
    device.name = gpus[i].name;
    device.uuid = gpus[i].uuid;
    device.product = ProductLabel(gpus[i].name);
    device.memory_total_bytes = gpus[i].memory_total_bytes;
    device.memory_free_bytes = gpus[i].memory_free_bytes;
    devices.push_back(std::move(device));
  }
  return devices;
}

}  // namespace troupe::device
