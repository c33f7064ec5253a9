// An agent's orders from its file: an AgentSpec as protobuf writes it in JSON. For people who write one by hand,
// `config` may stand as an object in place of the encoded `configJson`.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agents/host/kind.h"
#include "runtime/base/memory_share.h"
#include "runtime/device/grant.h"
#include "runtime/kind/kind.h"

namespace troupe::host {

// What whoever starts this process says of its device, beside the spec that all of an agent's processes share.
struct Place {
  // The card of several that it stands on; left out: whichever the pin finds.
  std::optional<device::GpuNumber> gpu;
  // In place of what the spec grants.
  MemoryShare memory;
};

// Reads and checks the file, fills defaults in, finds the device. Errors: NOT_FOUND, INVALID_ARGUMENT naming the field,
// FAILED_PRECONDITION where this machine is not what the pin asks for, RESOURCE_EXHAUSTED where the device has not what
// is granted of it.
Result<Spec> LoadSpec(const std::filesystem::path& path, const Place& place = {});

// The same from the file's text, on given devices.
Result<Spec> ParseSpec(std::string_view json, std::span<const device::Device> devices, const Place& place = {});

// The configuration with defaults filled in. Errors: INVALID_ARGUMENT naming the field.
Result<Value> CheckConfig(const kind::Kind& declared, Value config);

}  // namespace troupe::host
