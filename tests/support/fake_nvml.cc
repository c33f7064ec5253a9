// Stands in for NVIDIA's management library (libnvidia-ml.so.1) on machines without a GPU: shows the cards that
// TROUPE_FAKE_GPUS lists as "NVIDIA L4:24,NVIDIA H200:141", name and GiB each. No CUDA stands behind them.
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

namespace {

struct FakeGpu {
  std::string name;
  unsigned long long gib = 0;
};

const std::vector<FakeGpu>& Gpus() {
  static const std::vector<FakeGpu> gpus = [] {
    std::vector<FakeGpu> listed;
    const char* list = std::getenv("TROUPE_FAKE_GPUS");
    std::istringstream entries(list == nullptr ? "" : list);
    for (std::string entry; std::getline(entries, entry, ',');) {
      const size_t colon = entry.find(':');
      listed.push_back({entry.substr(0, colon), std::strtoull(entry.c_str() + colon + 1, nullptr, 10)});
    }
    return listed;
  }();
  return gpus;
}

const FakeGpu& At(void* handle) { return Gpus()[reinterpret_cast<size_t>(handle) - 1]; }

struct Memory {
  unsigned long long total, free, used;
};

constexpr int kBadArgument = 2;

}  // namespace

extern "C" {

int nvmlInit_v2() { return 0; }
int nvmlShutdown() { return 0; }
int nvmlDeviceGetCount_v2(unsigned* count) {
  *count = static_cast<unsigned>(Gpus().size());
  return 0;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** handle) {
  if (index >= Gpus().size()) return kBadArgument;
  *handle = reinterpret_cast<void*>(static_cast<size_t>(index) + 1);
  return 0;
}
int nvmlDeviceGetName(void* handle, char* name, unsigned size) {
  std::snprintf(name, size, "%s", At(handle).name.c_str());
  return 0;
}
int nvmlDeviceGetUUID(void* handle, char* uuid, unsigned size) {
  std::snprintf(uuid, size, "GPU-fake-%zu", reinterpret_cast<size_t>(handle) - 1);
  return 0;
}
int nvmlDeviceGetMemoryInfo(void* handle, Memory* memory) {
  memory->total = At(handle).gib << 30;
  memory->free = memory->total;
  memory->used = 0;
  return 0;
}

}  // extern "C"
