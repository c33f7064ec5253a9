// The decoder families that a config.json can be of: one row each, and one short function for what only it has.
// Defaults are those of transformers' configuration classes.
#include <array>

#include "runtime/model/config_fields.h"

namespace troupe::model {
namespace {

// What a family has where its config.json says nothing.
struct DecoderFamily {
  std::string_view model_type;
  std::string_view architecture;
  double rope_theta;  // 0: the family's function reads the rotary positions
  int64_t head_dim;   // 0: hidden / heads
  bool tied_embeddings;
  double norm_eps;
  // Beyond what ReadCommon reads.
  Status (*read)(const Fields& fields, ModelConfig& config);
};

Status ReadEosIds(const Fields& fields, ModelConfig& config) {
  const Value* eos = fields.Find("eos_token_id");
  if (eos == nullptr) return {};
  const Value list = eos->is_array() ? *eos : Value::array({*eos});
  for (const Value& id : list) {
    if (!id.is_number_integer() || id.get<int64_t>() < 0 || id.get<int64_t>() >= config.vocab_size) {
      return fields.Wrong("eos_token_id", "a token id or a list of token ids");
    }
    config.eos_ids.push_back(id.get<int32_t>());
  }
  return {};
}

// "attention_bias" goes for the projections to and from attention.
Status ReadBiases(const Fields& fields, ModelConfig& config) {
  TRY_ASSIGN(config.decoder.qkv_bias, fields.BoolOr("attention_bias", false));
  config.decoder.out_bias = config.decoder.qkv_bias;
  TRY_ASSIGN(config.decoder.mlp_bias, fields.BoolOr("mlp_bias", false));
  return {};
}

Status ReadLlama(const Fields& fields, ModelConfig& config) {
  TRY(ReadActivation(fields, "hidden_act", "silu", config));
  return ReadBiases(fields, config);
}

Status ReadWindowOfAll(const Fields& fields, int64_t usual, ModelConfig& config) {
  TRY_ASSIGN(const int64_t window, ReadWindow(fields, usual));
  for (DecoderLayer& layer : config.decoder.layers) layer.window = window;
  return {};
}

Status ReadMistral(const Fields& fields, ModelConfig& config) {
  TRY(ReadActivation(fields, "hidden_act", "silu", config));
  return ReadWindowOfAll(fields, 4096, config);
}

// Qwen2 and 3: the layers from max_window_layers on see a window, where use_sliding_window says so.
Status ReadQwenWindows(const Fields& fields, ModelConfig& config) {
  TRY_ASSIGN(const bool used, fields.BoolOr("use_sliding_window", false));
  TRY_ASSIGN(const int64_t window, ReadWindow(fields, 4096));
  TRY(fields.IntOr("max_window_layers", 28));
  const auto slides = [](const Fields& f, int64_t layer) {
    return layer >= f.IntOr("max_window_layers", 28).value_or(0);
  };
  return ReadWindows(fields, used ? window : 0, slides, config);
}

Status ReadQwen2(const Fields& fields, ModelConfig& config) {
  TRY(ReadActivation(fields, "hidden_act", "silu", config));
  config.decoder.qkv_bias = true;
  return ReadQwenWindows(fields, config);
}

Status ReadQwen3(const Fields& fields, ModelConfig& config) {
  TRY(ReadActivation(fields, "hidden_act", "silu", config));
  TRY_ASSIGN(config.decoder.qkv_bias, fields.BoolOr("attention_bias", false));
  config.decoder.out_bias = config.decoder.qkv_bias;
  config.decoder.qk_norm = true;
  return ReadQwenWindows(fields, config);
}

Status ReadSmolLm3(const Fields& fields, ModelConfig& config) {
  TRY(ReadLlama(fields, config));
  TRY_ASSIGN(const int64_t interval, fields.IntOr("no_rope_layer_interval", 4));
  if (interval < 1) return fields.Wrong("no_rope_layer_interval", "1 or more");
  const Value* turned = fields.Find("no_rope_layers");  // 1 for a layer that does turn
  if (turned != nullptr && (!turned->is_array() || turned->size() < config.decoder.layers.size())) {
    return fields.Wrong("no_rope_layers", "a list with an entry for each layer");
  }
  for (size_t i = 0; i < config.decoder.layers.size(); ++i) {
    bool turns = (i + 1) % static_cast<size_t>(interval) != 0;
    if (turned != nullptr) {
      const Value& flag = (*turned)[i];
      if (flag != Value(0) && flag != Value(1)) return fields.Wrong("no_rope_layers", "a list of 0 and 1");
      turns = flag == Value(1);
    }
    if (!turns) config.decoder.layers[i].rope = DecoderLayer::kNoRope;
  }
  TRY_ASSIGN(const bool used, fields.BoolOr("use_sliding_window", false));
  TRY_ASSIGN(const int64_t window, ReadWindow(fields, 0));
  TRY(ReadWindows(fields, used ? window : 0, [](const Fields&, int64_t) { return false; }, config));
  if (used && window != 0 && fields.Find("layer_types") == nullptr) {
    for (DecoderLayer& layer : config.decoder.layers) {
      if (layer.rope == DecoderLayer::kNoRope) layer.window = window;
    }
  }
  return {};
}

Status ReadPhi3(const Fields& fields, ModelConfig& config) {
  TRY(ReadActivation(fields, "hidden_act", "silu", config));
  TRY(fields.Only("attention_bias", false));
  TRY(fields.Only("mlp_bias", false));
  return ReadWindowOfAll(fields, 0, config);
}

constexpr std::array<DecoderFamily, 8> kFamilies{{
    {"llama", "LlamaForCausalLM", 1e4, 0, false, 1e-6, ReadLlama},
    {"mistral", "MistralForCausalLM", 1e4, 0, false, 1e-6, ReadMistral},
    {"qwen2", "Qwen2ForCausalLM", 1e4, 0, false, 1e-6, ReadQwen2},
    {"qwen3", "Qwen3ForCausalLM", 1e4, 128, false, 1e-6, ReadQwen3},
    {"smollm3", "SmolLM3ForCausalLM", 2e6, 0, true, 1e-6, ReadSmolLm3},
    {"phi3", "Phi3ForCausalLM", 1e4, 0, false, 1e-5, ReadPhi3},
    {"gemma2", "Gemma2ForCausalLM", 1e4, 256, true, 1e-6, ReadGemma2},
    {"gemma3_text", "Gemma3ForCausalLM", 0, 256, true, 1e-6, ReadGemma3},
}};

Status ReadCommon(const DecoderFamily& family, const Fields& fields, ModelConfig& config) {
  TRY_ASSIGN(config.kv_heads, fields.IntOr("num_key_value_heads", config.heads));
  if (!fields.Has("num_key_value_heads") && family.model_type != "llama" && family.model_type != "phi3") {
    return Invalid(fields.where() + ": \"num_key_value_heads\" is missing");
  }
  TRY_ASSIGN(config.head_dim,
             fields.IntOr("head_dim", family.head_dim != 0 ? family.head_dim : config.hidden / config.heads));
  TRY_ASSIGN(config.norm_eps, fields.NumberOr("rms_norm_eps", family.norm_eps));
  TRY_ASSIGN(config.decoder.tied_embeddings, fields.BoolOr("tie_word_embeddings", family.tied_embeddings));
  config.decoder.layers.resize(config.layers);
  return ReadEosIds(fields, config);
}

}  // namespace

Status ReadActivation(const Fields& fields, const char* name, const char* usual, ModelConfig& config) {
  TRY_ASSIGN(const std::string text, fields.StringOr(name, usual));
  if (text == "silu" || text == "swish") {
    config.decoder.activation = Activation::kSilu;
  } else if (text == "gelu") {
    config.decoder.activation = Activation::kGelu;
  } else if (text == "gelu_pytorch_tanh" || text == "gelu_new") {
    config.decoder.activation = Activation::kGeluTanh;
  } else {
    return fields.Unsupported(name, text, "silu, gelu and gelu_pytorch_tanh are");
  }
  return {};
}

Status ReadWindows(const Fields& fields, int64_t window, bool (*slides)(const Fields&, int64_t), ModelConfig& config) {
  const Value* types = fields.Find("layer_types");
  if (types != nullptr && (!types->is_array() || types->size() != config.decoder.layers.size())) {
    return fields.Wrong("layer_types", "a list with an entry for each layer");
  }
  for (size_t i = 0; i < config.decoder.layers.size(); ++i) {
    bool local = types == nullptr && window != 0 && slides(fields, static_cast<int64_t>(i));
    if (types != nullptr) {
      const Value& type = (*types)[i];
      local = type == "sliding_attention";
      if (!local && type != "full_attention") {
        return fields.Unsupported("layer_types", type, "full_attention and sliding_attention are");
      }
      if (local && window == 0) return fields.Wrong("sliding_window", "given, but \"layer_types\" asks for it");
    }
    if (local) config.decoder.layers[i].window = window;
  }
  return {};
}

Result<int64_t> ReadWindow(const Fields& fields, int64_t usual) {
  if (!fields.Has("sliding_window")) return usual;
  if (fields.Find("sliding_window") == nullptr) return int64_t{0};
  TRY_ASSIGN(const int64_t window, fields.Int("sliding_window"));
  TRY(CheckSize(window, "sliding_window", fields.where()));
  return window;
}

std::string DecoderTypes() {
  std::string types;
  for (const DecoderFamily& family : kFamilies) types += (types.empty() ? "" : ", ") + std::string(family.model_type);
  return types;
}

Status ReadDecoder(std::string_view model_type, const Fields& fields, ModelConfig& config) {
  config.family = Family::kDecoder;
  for (const DecoderFamily& family : kFamilies) {
    if (family.model_type != model_type) continue;
    if (config.architecture != family.architecture && config.architecture != family.model_type) {
      return fields.Unsupported("architectures", config.architecture, std::string(family.architecture) + " is");
    }
    TRY(ReadCommon(family, fields, config));
    if (family.rope_theta != 0) {
      TRY_ASSIGN(RopeConfig rope, ReadRope(fields, {.theta = family.rope_theta, .dims = config.head_dim}, config));
      config.decoder.ropes = {std::move(rope)};
    }
    TRY(family.read(fields, config));
    fields.Ignore(IgnoredFields());
    return fields.CheckAllKnown("a " + std::string(model_type) + " model");
  }
  return fields.Unsupported("model_type", std::string(model_type), DecoderTypes() + " are");
}

}  // namespace troupe::model
