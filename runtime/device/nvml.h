// The GPUs as NVIDIA's management library (libnvidia-ml.so.1, part of the driver) lists them. It is loaded at run time
// and needs neither CUDA nor torch; where it is missing there is no GPU.
#pragma once

#include <vector>

#include "runtime/base/error.h"
#include "runtime/device/detect.h"

namespace troupe::device {

// In CUDA's order (PCI bus), restricted to CUDA_VISIBLE_DEVICES if that is set to numbers or UUIDs. Errors: UNAVAILABLE
// for a driver that does not answer.
Result<std::vector<GpuInfo>> GpusFromNvml();

}  // namespace troupe::device
