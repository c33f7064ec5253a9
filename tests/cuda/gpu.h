// The first GPU of this machine, as torch knows it.
#pragma once

#include <c10/core/Device.h>

#include <string>

#include "runtime/device/detect.h"
#include "runtime/device/torch_device.h"

namespace troupe {

struct Gpu {
  std::string name;
  c10::Device device = c10::kCUDA;
};

// NOT_FOUND where there is none; device::ToTorch's errors.
inline Result<Gpu> FirstGpu() {
  TRY_ASSIGN(const std::vector<device::Device> devices, device::Detect());
  for (const device::Device& device : devices) {
    if (device.kind != device::Kind::kCuda) continue;
    TRY_ASSIGN(const c10::Device torch_device, device::ToTorch(device));
    return Gpu{device.name, torch_device};
  }
  return NotFound("there is no GPU here that NVIDIA's driver shows");
}

}  // namespace troupe
