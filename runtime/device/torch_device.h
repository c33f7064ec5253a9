// The bridge from a Device to torch. The binary links torch's CPU library only: CUDA is loaded when a GPU is chosen.
#pragma once

#include <c10/core/Device.h>

#include "runtime/base/error.h"
#include "runtime/device/device.h"

namespace troupe::device {

// For a GPU, loads libtorch_cuda.so (from beside libtorch_cpu.so) on first use. Errors: FAILED_PRECONDITION where the
// library, one that it needs or the driver is missing; the message says which.
Result<c10::Device> ToTorch(const Device& device);

// True where products in bfloat16 run faster than in float32: GPUs, and CPUs with AVX512-BF16 or AMX. Elsewhere the CPU
// emulates them, at a third of float32's speed.
bool HasFastBf16(const Device& device);

// How many threads ATen's operators use when called from the calling thread: call it on the thread that runs the model.
// Several agents on one host should take 1 each: torch's parallel regions run in lockstep, and collapse when a core
// they count on is busy with something else.
void UseThreads(int threads);

}  // namespace troupe::device
