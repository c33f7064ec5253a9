#include "runtime/device/grant.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "runtime/base/names.h"

namespace troupe::device {
namespace {

constexpr char kVisible[] = "CUDA_VISIBLE_DEVICES";
// libtorch 2.11 reads the settings under either name, CUDA's part of it the older one first.
constexpr const char* kAllocatorSettings[] = {"PYTORCH_CUDA_ALLOC_CONF", "PYTORCH_ALLOC_CONF"};

// Rounded down, so that shares of a card never add up to more than it has.
std::string Fraction(int64_t bytes, int64_t total_bytes) {
  const double share = static_cast<double>(bytes) / static_cast<double>(std::max<int64_t>(total_bytes, 1));
  char text[32];
  std::snprintf(text, sizeof(text), "%.6f", std::clamp(std::floor(share * 1e6) / 1e6, 0.0, 1.0));
  return text;
}

}  // namespace

Result<GpuNumber> ParseGpuNumber(std::string_view text) {
  if (text == "none") return kNoGpu;
  GpuNumber number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size() || number < 0) {
    return Invalid("must be the number of a GPU, from 0, or 'none', got '" + std::string(text.substr(0, 40)) + "'");
  }
  return number;
}

Result<std::vector<Device>> OnlyGpu(std::span<const Device> devices, GpuNumber number) {
  std::vector<Device> left;
  std::vector<std::string> there;
  bool found = number == kNoGpu;
  for (const Device& device : devices) {
    there.push_back(ToString(device));
    const bool is_asked_for = device.kind == Kind::kCuda && device.index == number;
    found |= is_asked_for;
    if (device.kind == Kind::kCpu || is_asked_for) left.push_back(device);
  }
  if (!found) {
    return FailedPrecondition("there is no GPU number " + std::to_string(number) + "; the machine has " +
                              Joined(there, ", ") + ". They are counted from 0 as nvidia-smi lists them, or as " +
                              kVisible + " does where that is set");
  }
  return left;
}

Result<Device> Granted(Device device, const MemoryShare& share) {
  if (!share.stated()) return device;
  device.memory_granted_bytes = BytesOf(share, device.memory_total_bytes);
  const std::string what = ToString(share) + " of the memory of " + device.product;
  if (device.memory_granted_bytes > device.memory_total_bytes) {
    return Exhausted("granted is " + what + ", which has " + MemoryText(device.memory_total_bytes) +
                     "; grant less, or move to a larger one");
  }
  if (TensorBytes(device) <= 0) {
    return Exhausted("granted is " + what + ", of which CUDA takes " + MemoryText(kCudaOwnBytes) +
                     " for itself; grant more");
  }
  return device;
}

int64_t TensorBytes(const Device& device) {
  if (device.memory_granted_bytes == 0) return 0;
  return device.memory_granted_bytes - (device.kind == Kind::kCuda ? kCudaOwnBytes : 0);
}

std::map<std::string, std::string> ConfinedEnvironment(const Device& device,
                                                       const std::map<std::string, std::string>& environment) {
  std::map<std::string, std::string> confined;
  if (device.kind != Kind::kCuda) return confined;
  // by itself CUDA would number the fastest card first
  confined["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID";
  if (!device.uuid.empty()) confined[kVisible] = device.uuid;
  if (device.memory_granted_bytes == 0) return confined;
  std::string settings;
  for (const char* name : kAllocatorSettings) {
    const auto there = environment.find(name);
    if (!settings.empty() || there == environment.end() || there->second.empty()) continue;
    settings = there->second + ",";
  }
  settings += "per_process_memory_fraction:" + Fraction(TensorBytes(device), device.memory_total_bytes);
  for (const char* name : kAllocatorSettings) confined[name] = settings;
  return confined;
}

Device Confine(Device device) {
  std::map<std::string, std::string> environment;
  for (const char* name : kAllocatorSettings) {
    if (const char* value = std::getenv(name); value != nullptr) environment[name] = value;
  }
  for (const auto& [name, value] : ConfinedEnvironment(device, environment)) setenv(name.c_str(), value.c_str(), 1);
  if (device.kind == Kind::kCuda && !device.uuid.empty()) device.index = 0;
  return device;
}

}  // namespace troupe::device
