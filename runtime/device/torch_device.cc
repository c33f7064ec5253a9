#include "runtime/device/torch_device.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <dlfcn.h>

#include <algorithm>
#include <string>

namespace troupe::device {
namespace {

// The loader finds it beside libtorch_cpu.so, through this binary's run path.
Status LoadTorchCuda() {
  static const std::string failure = [] {
    void* library = dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL);
    const char* reason = library == nullptr ? dlerror() : nullptr;
    return reason == nullptr ? std::string() : std::string(reason);
  }();
  if (failure.empty()) return {};
  return FailedPrecondition("libtorch's CUDA library cannot be loaded: " + failure +
                            "; install what it needs by deploy/install cuda, or pin this pool to the CPU");
}

}  // namespace

Result<c10::Device> ToTorch(const Device& device) {
  if (device.kind == Kind::kCpu) return c10::Device(c10::kCPU);
  TRY(LoadTorchCuda());
  try {
    const auto& hooks = at::detail::getCUDAHooks();
    if (!hooks.hasCUDA() || hooks.deviceCount() <= device.index) {
      return FailedPrecondition("CUDA does not show GPU " + std::to_string(device.index) + " (" + device.product +
                                "): check the driver and CUDA_VISIBLE_DEVICES");
    }
    hooks.init();
    // On some cards torch takes cuDNN's attention first, which plans anew for every length: decoding has another length
    // at every step.
    at::globalContext().setSDPUseCuDNN(false);
  } catch (const std::exception& failure) {
    return FailedPrecondition(std::string("CUDA does not start: ") + failure.what());
  }
  return c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(device.index));
}

bool HasFastBf16(const Device& device) {
  if (device.kind == Kind::kCuda) return true;
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bf16") != 0;  // whatever has AMX has this
#else
  return false;
#endif
}

void UseThreads(int threads) { at::set_num_threads(std::max(1, threads)); }

}  // namespace troupe::device
