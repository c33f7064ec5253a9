#include "runtime/device/pin.h"

#include <algorithm>

#include "runtime/base/names.h"

namespace troupe::device {
namespace {

bool HasMemory(const Pin& pin, const Device& device) { return device.memory_free_bytes >= pin.memory_bytes; }

// The devices that the pin names, most wanted first; of equal ones the freest first.
std::vector<const Device*> Wanted(const Pin& pin, std::span<const Device> devices) {
  std::vector<const Device*> found;
  const auto freest_first = [](const Device* a, const Device* b) {
    return a->memory_free_bytes > b->memory_free_bytes;
  };
  if (pin.gpus.empty()) {
    for (const Device& device : devices) {
      if (device.kind == Kind::kCpu) found.push_back(&device);
    }
    return found;
  }
  for (const std::string& product : pin.gpus) {
    const size_t begin = found.size();
    for (const Device& device : devices) {
      if (device.kind == Kind::kCuda && device.product == product) found.push_back(&device);
    }
    std::stable_sort(found.begin() + static_cast<std::ptrdiff_t>(begin), found.end(), freest_first);
  }
  return found;
}

// For relaxed pins: any GPU for a GPU, else the CPU.
std::vector<const Device*> Any(const Pin& pin, std::span<const Device> devices) {
  std::vector<const Device*> found;
  for (const Device& device : devices) {
    if (device.kind == Kind::kCuda && !pin.gpus.empty()) found.push_back(&device);
  }
  for (const Device& device : devices) {
    if (device.kind == Kind::kCpu) found.push_back(&device);
  }
  return found;
}

const Device* FirstWithMemory(const Pin& pin, const std::vector<const Device*>& devices) {
  const auto found = std::find_if(devices.begin(), devices.end(), [&](const Device* d) { return HasMemory(pin, *d); });
  return found == devices.end() ? nullptr : *found;
}

}  // namespace

std::string ToString(const Pin& pin) { return pin.gpus.empty() ? "cpu" : Joined(pin.gpus, " or "); }

Result<Choice> Match(const Pin& pin, std::span<const Device> devices, Pinning pinning) {
  const std::vector<const Device*> wanted = Wanted(pin, devices);
  if (const Device* device = FirstWithMemory(pin, wanted)) {
    return Choice{*device, false, "pinned to " + ToString(pin) + ", runs on " + ToString(*device)};
  }
  if (pinning == Pinning::kRelaxed) {
    if (const Device* device = FirstWithMemory(pin, Any(pin, devices))) {
      return Choice{
          *device, true,
          "pinned to " + ToString(pin) + ", which is not here; pins are relaxed, so it runs on " + ToString(*device)};
    }
  }
  std::vector<std::string> there;
  for (const Device& device : wanted.empty() ? devices : std::span<const Device>()) there.push_back(ToString(device));
  for (const Device* device : wanted) there.push_back(ToString(*device));
  const std::string list = there.empty() ? "no device at all" : Joined(there, ", ");
  if (wanted.empty()) {
    return FailedPrecondition("this process is pinned to " + ToString(pin) + ", but the machine has " + list +
                              ": start it on the right machine, change the pool, or relax pins (--relax-pins)");
  }
  return Exhausted("this process needs " + std::to_string(pin.memory_bytes >> 20) + " MiB free on " + ToString(pin) +
                   ", but there is " + list);
}

}  // namespace troupe::device
