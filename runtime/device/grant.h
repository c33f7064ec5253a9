// What of a device a process is granted: one card of several, and a share of its memory. The card is told to CUDA and
// the share to libtorch's allocator by the environment, which both read when libtorch_cuda is loaded: the same binary
// runs where there is no CUDA, and nothing of it is linked.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/memory_share.h"
#include "runtime/device/device.h"

namespace troupe::device {

// A card's number as Detect gives it, or that there is to be none.
using GpuNumber = int;
constexpr GpuNumber kNoGpu = -1;

// "0", "3", "none". Errors: INVALID_ARGUMENT.
Result<GpuNumber> ParseGpuNumber(std::string_view text);

// The CPU and that card alone. Errors: FAILED_PRECONDITION, with what is there, where there is no such card.
Result<std::vector<Device>> OnlyGpu(std::span<const Device> devices, GpuNumber number);

// What CUDA's context and libtorch's kernels are taken to need of a card beside all tensors, an estimate: it counts
// against the share, or shares that fill a card would not fit on it.
constexpr int64_t kCudaOwnBytes = int64_t{512} << 20;

// The device with memory_granted_bytes set from the share; as it is for a share that says nothing. Errors:
// RESOURCE_EXHAUSTED where that is more than the device has, or leaves nothing for tensors.
Result<Device> Granted(Device device, const MemoryShare& share);

// Of what is granted, what tensors may take; 0 where nothing was granted and there is no limit.
int64_t TensorBytes(const Device& device);

// What the environment must say for CUDA to show that card alone and for libtorch to keep to what was granted. Empty
// for the CPU. `environment` is what it says so far, of which allocator settings are kept. Pure.
std::map<std::string, std::string> ConfinedEnvironment(const Device& device,
                                                       const std::map<std::string, std::string>& environment);

// Puts that into this process's environment and gives the device as CUDA numbers it from then on. Before any thread is
// started, and before ToTorch.
Device Confine(Device device);

}  // namespace troupe::device
