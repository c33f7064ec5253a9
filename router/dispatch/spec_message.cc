#include "router/dispatch/spec_message.h"

namespace troupe::dispatch {

v1::AgentSpec ToMessage(const graph::AgentSpec& spec) {
  v1::AgentSpec message;
  message.set_agent(spec.agent);
  message.set_graph(spec.graph);
  message.set_kind(spec.kind);
  message.set_config_json(Dump(spec.config));
  message.set_model_path(spec.model_path);
  message.set_model_sha256(spec.model_sha256);
  for (const std::string& gpu : spec.gpus) message.mutable_pin()->add_gpus(gpu);
  message.mutable_pin()->set_relaxed(spec.pins == graph::Pins::kRelaxed);
  message.mutable_pin()->set_memory_bytes(spec.memory.bytes);
  message.mutable_pin()->set_memory_percent(spec.memory.percent);
  message.set_slots(spec.slots);
  message.set_queue_limit(spec.queue_limit);
  message.set_base_path(spec.base_path);
  message.set_max_tokens(spec.max_tokens);
  message.set_pool(spec.pool);
  message.set_spill(spec.spill);
  return message;
}

}  // namespace troupe::dispatch
