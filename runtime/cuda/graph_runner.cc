// CUDA graphs (runtime/model/graph_runner.h): work is recorded on a stream of its own and started on the caller's.
#include "runtime/model/graph_runner.h"

#include <ATen/core/CachingHostAllocator.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include <cstring>
#include <utility>

namespace troupe::cuda {
namespace {

// The first runs of an operator load its kernels, choose among them and take workspaces, none of which can be recorded.
constexpr int kWarmUpRuns = 2;

class CudaGraph final : public model::Graph {
 public:
  explicit CudaGraph(c10::DeviceIndex device) : device_(device) {}

  void Replay() override {
    const c10::cuda::CUDAGuard guard(device_);
    graph_.replay();
  }

  void Record(const std::function<void()>& work, at::cuda::MempoolId_t pool) {
    try {
      // Other threads may go on to use CUDA meanwhile.
      graph_.capture_begin(pool, cudaStreamCaptureModeThreadLocal);
      work();
      graph_.capture_end();
    } catch (...) {
      Abandon(pool);
      throw;
    }
  }

 private:
  // The stream must not be left recording, nor the allocators asking this graph about every tensor. What of it has been
  // done by then throws, and that the recording is no good is known already.
  void Abandon(at::cuda::MempoolId_t pool) {
    const auto attempt = [](const auto& end) {
      try {
        end();
      } catch (const std::exception&) {
      }
    };
    attempt([&] { graph_.capture_end(); });
    attempt([&] { c10::cuda::CUDACachingAllocator::endAllocateToPool(device_, pool); });
    attempt([&] { at::getHostAllocator(at::kCUDA)->end_allocate_to_pool(pool); });
  }

  c10::DeviceIndex device_;
  at::cuda::CUDAGraph graph_;
};

class CudaGraphRunner final : public model::GraphRunner {
 public:
  explicit CudaGraphRunner(c10::DeviceIndex device)
      : device_(device),
        stream_(c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device)),
        pool_(at::cuda::graph_pool_handle()) {}

  std::unique_ptr<model::Graph> Capture(const std::function<void()>& work) override {
    const c10::cuda::CUDAGuard guard(device_);
    c10::cuda::getCurrentCUDAStream(device_).synchronize();  // what `work` reads is there then
    auto graph = std::make_unique<CudaGraph>(device_);
    const c10::cuda::CUDAStreamGuard on_stream(stream_);
    for (int i = 0; i < kWarmUpRuns; ++i) work();
    stream_.synchronize();
    try {
      graph->Record(work, pool_);
    } catch (...) {
      pool_ = at::cuda::graph_pool_handle();  // what a recording failed in is left to the graphs that have it
      throw;
    }
    return graph;
  }

  std::string name() const override { return "CUDA graphs"; }

 private:
  c10::DeviceIndex device_;
  c10::cuda::CUDAStream stream_;
  at::cuda::MempoolId_t pool_;
};

}  // namespace
}  // namespace troupe::cuda

extern "C" __attribute__((visibility("default"))) const char* troupe_cuda_open(
    const char* abi, int device, std::unique_ptr<troupe::model::GraphRunner>* runner, std::string* failure) {
  using troupe::model::kGraphAbi;
  if (std::strcmp(abi, kGraphAbi) != 0) return kGraphAbi;
  try {
    *runner = std::make_unique<troupe::cuda::CudaGraphRunner>(static_cast<c10::DeviceIndex>(device));
  } catch (const std::exception& error) {
    *failure = error.what();
  }
  return kGraphAbi;
}
