#include "runtime/device/nvml.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <string>

namespace troupe::device {
namespace {

// The few of NVML's functions that are used; its ABI is stable and versioned by the names' suffixes.
struct Memory {
  unsigned long long total, free, used;  // NOLINT: NVML's own types
};
using Handle = void*;

class Library {
 public:
  Library() : library_(dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL)) {
    if (library_ == nullptr) return;
    init_ = Find<int()>("nvmlInit_v2");
    shutdown_ = Find<int()>("nvmlShutdown");
    count_ = Find<int(unsigned*)>("nvmlDeviceGetCount_v2");
    handle_ = Find<int(unsigned, Handle*)>("nvmlDeviceGetHandleByIndex_v2");
    name_ = Find<int(Handle, char*, unsigned)>("nvmlDeviceGetName");
    uuid_ = Find<int(Handle, char*, unsigned)>("nvmlDeviceGetUUID");
    memory_ = Find<int(Handle, Memory*)>("nvmlDeviceGetMemoryInfo");
  }
  ~Library() {
    if (started_) shutdown_();
    if (library_ != nullptr) dlclose(library_);
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  bool there() const { return library_ != nullptr; }
  bool Start() {
    if (!init_ || !shutdown_ || !count_ || !handle_ || !name_ || !uuid_ || !memory_) return false;
    started_ = init_() == 0;
    return started_;
  }
  std::optional<unsigned> Count() const {
    unsigned count = 0;
    return count_(&count) == 0 ? std::optional(count) : std::nullopt;
  }
  // Nothing for a card that does not answer.
  std::optional<GpuInfo> Get(unsigned index) const {
    Handle handle = nullptr;
    std::array<char, 96> name{}, uuid{};
    Memory memory{};
    if (handle_(index, &handle) != 0 || name_(handle, name.data(), name.size()) != 0 ||
        uuid_(handle, uuid.data(), uuid.size()) != 0 || memory_(handle, &memory) != 0) {
      return std::nullopt;
    }
    return GpuInfo{name.data(), uuid.data(), static_cast<int64_t>(memory.total), static_cast<int64_t>(memory.free)};
  }

 private:
  template <typename F>
  F* Find(const char* name) const {
    return reinterpret_cast<F*>(dlsym(library_, name));
  }

  void* library_;
  bool started_ = false;
  int (*init_)() = nullptr;
  int (*shutdown_)() = nullptr;
  int (*count_)(unsigned*) = nullptr;
  int (*handle_)(unsigned, Handle*) = nullptr;
  int (*name_)(Handle, char*, unsigned) = nullptr;
  int (*uuid_)(Handle, char*, unsigned) = nullptr;
  int (*memory_)(Handle, Memory*) = nullptr;
};

// What CUDA_VISIBLE_DEVICES leaves, in its order; like CUDA, it stops at the first entry that names no card.
std::vector<GpuInfo> Visible(const std::vector<GpuInfo>& all, const char* list) {
  if (list == nullptr) return all;
  std::vector<GpuInfo> visible;
  std::istringstream entries(list);
  for (std::string entry; std::getline(entries, entry, ',');) {
    std::erase(entry, ' ');
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& gpu) {
      return entry == std::to_string(&gpu - all.data()) || (entry.size() > 4 && gpu.uuid.starts_with(entry));
    });
    if (found == all.end()) break;
    visible.push_back(*found);
  }
  return visible;
}

}  // namespace

Result<std::vector<GpuInfo>> GpusFromNvml() {
  Library nvml;
  if (!nvml.there()) return std::vector<GpuInfo>();
  if (!nvml.Start()) return Unavailable("NVIDIA's driver library is here but does not start: is the driver loaded?");
  const std::optional<unsigned> count = nvml.Count();
  if (!count) return Unavailable("NVIDIA's driver does not say how many GPUs there are");
  std::vector<GpuInfo> all;
  for (unsigned i = 0; i < std::min(*count, 64u); ++i) {
    auto gpu = nvml.Get(i);
    if (!gpu) return Unavailable("NVIDIA's driver gives no answer about GPU " + std::to_string(i));
    all.push_back(std::move(*gpu));
  }
  return Visible(all, std::getenv("CUDA_VISIBLE_DEVICES"));
}

}  // namespace troupe::device
