#include "agents/host/spec.h"

#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <iterator>
#include <span>
#include <utility>

#include "runtime/base/digest.h"
#include "runtime/device/detect.h"
#include "runtime/device/pin.h"
#include "troupe/v1/graph.pb.h"

namespace troupe::host {
namespace {
constexpr size_t kMaxSpecBytes = 32u << 20;

Result<std::string> ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return NotFound("cannot read the agent's spec " + path.string());
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (text.size() > kMaxSpecBytes) return Invalid("the agent's spec " + path.string() + " has more than 32 MiB");
  return text;
}

Result<v1::AgentSpec> ReadMessage(std::string_view json) {
  TRY_ASSIGN(Value value, ParseValue(json, {.max_bytes = kMaxSpecBytes}));
  if (!value.is_object()) return Invalid("the agent's spec must be a JSON object");
  std::string config;
  if (auto inline_config = value.find("config"); inline_config != value.end()) {
    config = Dump(*inline_config);
    value.erase(inline_config);
  }
  v1::AgentSpec message;
  auto read = google::protobuf::util::JsonStringToMessage(Dump(value), &message);
  if (!read.ok()) return Invalid("the agent's spec: " + std::string(read.message()));
  if (!config.empty()) message.set_config_json(config);
  if (message.config_json().empty()) message.set_config_json("{}");
  return message;
}

Status CheckNumbers(const v1::AgentSpec& message) {
  constexpr int kMostSlots = 65'536, kMostWaiting = 65'536;
  if (message.agent().empty()) return Invalid("the agent's spec: `agent`, its name, is missing");
  if (message.slots() < 0 || message.slots() > kMostSlots) return Invalid("the agent's spec: slots must be 0 to 65536");
  if (message.queue_limit() < 0 || message.queue_limit() > kMostWaiting) {
    return Invalid("the agent's spec: queueLimit must be 0 to 65536");
  }
  if (message.max_tokens() < 0) return Invalid("the agent's spec: maxTokens must not be negative");
  const v1::Pin& pin = message.pin();
  if (pin.memory_bytes() < 0 || pin.memory_percent() < 0 || pin.memory_percent() > 100 ||
      (pin.memory_bytes() > 0 && pin.memory_percent() > 0)) {
    return Invalid("the agent's spec: pin may have either memoryBytes above 0 or memoryPercent of 1 to 100");
  }
  return {};
}

// Where the agent stands: the card that it was given, or the one that its pin finds.
Result<device::Choice> Choose(const v1::AgentSpec& message, const device::Pin& pin,
                              std::span<const device::Device> devices, const Place& place) {
  const auto pinning = message.pin().relaxed() ? device::Pinning::kRelaxed : device::Pinning::kStrict;
  if (!place.gpu) return device::Match(pin, devices, pinning);
  if (pin.gpus.empty() && *place.gpu != device::kNoGpu) {
    return Invalid("agent " + message.agent() + " is pinned to the CPU, so it cannot stand on GPU number " +
                   std::to_string(*place.gpu) + "; leave --gpu out, or give it a pool with GPUs");
  }
  TRY_ASSIGN(const auto left, device::OnlyGpu(devices, *place.gpu));
  return device::Match(pin, left, pinning);
}

// What of it the process may take. A share of a card means nothing to an agent that runs on the CPU for want of one.
MemoryShare ShareOf(const v1::AgentSpec& message, const device::Choice& choice, const Place& place) {
  if (place.memory.stated()) return place.memory;
  if (choice.relaxed && choice.device.kind == device::Kind::kCpu) return {};
  return {.bytes = message.pin().memory_bytes(), .percent = message.pin().memory_percent()};
}
}  // namespace

Status CheckModelDigest(const Spec& spec, std::string_view digest) {
  if (spec.model_sha256.empty() || spec.model_sha256 == digest) return {};
  return FailedPrecondition("model " + spec.model_path.string() + " has SHA-256 " + std::string(digest) +
                            ", the graph states " + spec.model_sha256 + "; fetch the right file or correct the graph");
}

Result<Value> CheckConfig(const kind::Kind& declared, Value config) {
  kind::Type type;
  type.kind = kind::Type::Kind::kObject;
  for (const auto& field : declared.config) type.fields.push_back(field.field);
  return kind::Conform(type, std::move(config), "agents.config");
}

Result<Spec> ParseSpec(std::string_view json, std::span<const device::Device> devices, const Place& place) {
  TRY_ASSIGN(v1::AgentSpec message, ReadMessage(json));
  TRY(CheckNumbers(message));
  const kind::Kind* declared = kind::FindKind(message.kind());
  if (declared == nullptr) {
    return Invalid("agent " + message.agent() + ": no kind '" + message.kind() +
                   "'; see 'troupe-agent describe-kinds'");
  }
  Spec spec;
  spec.agent = message.agent();
  spec.graph = message.graph();
  spec.kind = message.kind();
  TRY_ASSIGN(Value config, ParseValue(message.config_json()));
  TRY_ASSIGN(spec.config, CheckConfig(*declared, std::move(config)));
  spec.model_path = message.model_path();
  spec.model_sha256 = message.model_sha256();
  if (declared->model == kind::ModelUse::kRequired && spec.model_path.empty()) {
    return Invalid("agent " + spec.agent + ": kind " + spec.kind + " needs a model; give `modelPath`");
  }
  device::Pin pin;
  pin.gpus.assign(message.pin().gpus().begin(), message.pin().gpus().end());
  TRY_ASSIGN(const device::Choice choice, Choose(message, pin, devices, place));
  TRY_ASSIGN(spec.device, device::Granted(choice.device, ShareOf(message, choice, place)));
  if (choice.relaxed) spec.relaxed_from = device::ToString(pin);
  spec.slots = message.slots();
  spec.queue_limit = message.queue_limit();
  spec.max_tokens = message.max_tokens();
  spec.base_path = message.base_path();
  spec.digest = Sha256Hex(json);
  return spec;
}

Result<Spec> LoadSpec(const std::filesystem::path& path, const Place& place) {
  TRY_ASSIGN(std::string json, ReadFile(path));
  TRY_ASSIGN(auto devices, device::Detect());
  return ParseSpec(json, devices, place);
}

}  // namespace troupe::host
