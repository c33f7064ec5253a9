#include "runtime/model/config_json.h"

#include <array>
#include <string_view>

namespace troupe::model {
namespace {

struct Name {
  std::string_view gguf;
  std::string_view model_type;
  std::string_view architecture;
};

constexpr std::array<Name, 4> kNames{{{"llama", "llama", "LlamaForCausalLM"},
                                      {"qwen2", "qwen2", "Qwen2ForCausalLM"},
                                      {"qwen3", "qwen3", "Qwen3ForCausalLM"},
                                      {"smollm3", "smollm3", "SmolLM3ForCausalLM"}}};
constexpr Name kMistral{"llama", "mistral", "MistralForCausalLM"};

Error Unwritten(const ModelConfig& config, const std::string& what) {
  return Error{Code::kUnimplemented,
               "a \"" + config.architecture + "\" model " + what +
                   " cannot be written as a config.json here: start from its Hugging Face folder"};
}

// What does not change what is computed is taken away, so that the rest can be compared.
ModelConfig Essence(ModelConfig config) {
  config.architecture.clear();
  config.name.clear();
  for (RopeConfig& rope : config.decoder.ropes) {
    if (rope.kind == RopeKind::kLinear)
      rope = {.kind = rope.kind, .theta = rope.theta, .dims = rope.dims, .factor = rope.factor};
    if (rope.kind == RopeKind::kDefault) rope = {.theta = rope.theta, .dims = rope.dims};
  }
  return config;
}

Value Write(const ModelConfig& config, const Name& name) {
  const DecoderConfig& d = config.decoder;
  const RopeConfig& rope = d.ropes.front();
  Value json = {{"architectures", {name.architecture}},
                {"model_type", name.model_type},
                {"hidden_size", config.hidden},
                {"num_hidden_layers", config.layers},
                {"num_attention_heads", config.heads},
                {"num_key_value_heads", config.kv_heads},
                {"head_dim", config.head_dim},
                {"intermediate_size", config.ffn},
                {"vocab_size", config.vocab_size},
                {"max_position_embeddings", config.max_positions},
                {"rms_norm_eps", config.norm_eps},
                {"rope_theta", rope.theta},
                {"hidden_act", "silu"},
                {"tie_word_embeddings", d.tied_embeddings}};
  if (!config.name.empty()) json["_name_or_path"] = config.name;
  if (!config.eos_ids.empty()) json["eos_token_id"] = config.eos_ids;
  if (rope.kind == RopeKind::kLinear) {
    json["rope_scaling"] = {{"rope_type", "linear"}, {"factor", rope.factor}};
    json["max_position_embeddings"] = static_cast<int64_t>(static_cast<double>(config.max_positions) / rope.factor);
  }
  if (name.model_type != "qwen2" && d.qkv_bias) json["attention_bias"] = true;
  if (d.mlp_bias) json["mlp_bias"] = true;
  if (name.model_type == "mistral") json["sliding_window"] = d.layers.front().window;
  return json;
}

}  // namespace

Result<Value> ConfigToJson(const ModelConfig& config) {
  if (config.family != Family::kDecoder || config.decoder.ropes.empty() || config.decoder.layers.empty()) {
    return Unwritten(config, "that does not generate text");
  }
  const Name* name = nullptr;
  for (const Name& known : kNames) {
    if (config.architecture == known.gguf || config.architecture == known.architecture) name = &known;
  }
  if (name == &kNames[0] && config.decoder.layers.front().window != 0) name = &kMistral;
  if (name == nullptr) return Unwritten(config, "as it is");
  Value json = Write(config, *name);
  const auto back = ConfigFromJson(json, "the config.json to be written");
  if (!back) return Unwritten(config, "with such options (" + back.error().message + ")");
  if (Essence(*back) != Essence(config)) return Unwritten(config, "with such options");
  return json;
}

}  // namespace troupe::model
