// ModelConfig from a GGUF's metadata (ggml-org/ggml, docs/gguf.md; what llama.cpp assumes where a key is missing).
#include <cmath>

#include "runtime/model/config_fields.h"
#include "runtime/model/dequantize.h"
#include "runtime/model/gguf_architecture.h"
#include "runtime/model/gguf_keys.h"

namespace troupe::model {
namespace {

Status ReadSizes(const Gguf& gguf, const GgufKeys& keys, ModelConfig& config) {
  TRY_ASSIGN(config.hidden, keys.Int("embedding_length"));
  TRY_ASSIGN(config.layers, keys.Int("block_count"));
  TRY_ASSIGN(config.heads, keys.Int("attention.head_count"));
  TRY_ASSIGN(config.kv_heads, keys.IntOr("attention.head_count_kv", config.heads));
  TRY(CheckSize(config.heads, "the number of attention heads", keys.where()));
  TRY_ASSIGN(config.head_dim, keys.IntOr("attention.key_length", config.hidden / config.heads));
  TRY_ASSIGN(const int64_t value_dims, keys.IntOr("attention.value_length", config.head_dim));
  if (value_dims != config.head_dim) {
    return Error{Code::kUnimplemented, keys.where() + ": keys and values of different widths are not supported"};
  }
  TRY_ASSIGN(config.ffn, keys.Int("feed_forward_length"));
  TRY_ASSIGN(config.max_positions, keys.Int("context_length"));
  TRY_ASSIGN(config.norm_eps, keys.Float("attention.layer_norm_rms_epsilon"));
  TRY_ASSIGN(const int64_t experts, keys.IntOr("expert_count", 0));
  if (experts != 0) return Error{Code::kUnimplemented, keys.where() + ": mixtures of experts are not supported"};
  const TensorView* embedding = gguf.Find("token_embd.weight");
  if (embedding == nullptr || embedding->shape.size() != 2) {
    return Invalid(keys.where() + ": tensor \"token_embd.weight\" is missing or no matrix");
  }
  config.vocab_size = embedding->shape[0];
  config.decoder.tied_embeddings = gguf.Find("output.weight") == nullptr;
  if (config.layers < 1 || config.layers > 1024) {
    return Invalid(keys.where() + ": " + std::to_string(config.layers) + " layers, not 1 to 1024");
  }
  config.decoder.layers.resize(config.layers);
  return {};
}

Result<std::vector<double>> ReadDivisors(const Gguf& gguf, std::string_view name) {
  const TensorView* view = gguf.Find(name);
  if (view == nullptr) return NotFound(gguf.path().string() + ": tensor \"" + std::string(name) + "\" is missing");
  if (view->shape.size() != 1 || view->shape[0] > 65'536) {
    return Invalid(gguf.path().string() + ": tensor \"" + std::string(name) + "\" is no short list of numbers");
  }
  std::vector<float> numbers(view->shape[0]);
  TRY(Dequantize(view->format, view->bytes, numbers));
  return std::vector<double>(numbers.begin(), numbers.end());
}

Result<RopeConfig> ReadGgufRope(const Gguf& gguf, const GgufKeys& keys, double theta, ModelConfig& config) {
  RopeConfig rope;
  TRY_ASSIGN(rope.dims, keys.IntOr("rope.dimension_count", config.head_dim));
  TRY_ASSIGN(rope.theta, keys.FloatOr("rope.freq_base", theta));
  TRY_ASSIGN(const std::string type, keys.StringOr("rope.scaling.type", "linear"));
  TRY_ASSIGN(const double old_factor, keys.FloatOr("rope.scale_linear", 1));
  TRY_ASSIGN(rope.factor, keys.FloatOr("rope.scaling.factor", old_factor));
  TRY_ASSIGN(rope.original_positions, keys.IntOr("rope.scaling.original_context_length", config.max_positions));
  if (rope.original_positions == 0) rope.original_positions = config.max_positions;
  TRY_ASSIGN(rope.attention_factor, keys.FloatOr("rope.scaling.attn_factor", 1));
  TRY_ASSIGN(rope.beta_fast, keys.FloatOr("rope.scaling.yarn_beta_fast", 32));
  TRY_ASSIGN(rope.beta_slow, keys.FloatOr("rope.scaling.yarn_beta_slow", 1));
  if (gguf.Find("rope_factors_long.weight") != nullptr || type == "longrope") {
    rope.kind = RopeKind::kLongRope;
    TRY_ASSIGN(rope.short_divisors, ReadDivisors(gguf, "rope_factors_short.weight"));
    TRY_ASSIGN(rope.long_divisors, ReadDivisors(gguf, "rope_factors_long.weight"));
  } else if (gguf.Find("rope_freqs.weight") != nullptr) {
    rope.kind = RopeKind::kDivided;
    TRY_ASSIGN(rope.short_divisors, ReadDivisors(gguf, "rope_freqs.weight"));
    if (type != "none" && rope.factor != 1) {
      return Error{Code::kUnimplemented,
                   keys.where() + ": \"rope_freqs.weight\" together with scaling \"" + type + "\" is not supported"};
    }
  } else if (type == "yarn") {
    rope.kind = RopeKind::kYarn;
    if (rope.factor > 1) rope.attention_factor *= 1 + 0.1 * std::log(rope.factor);
  } else if (type == "linear") {
    rope.kind = rope.factor == 1 ? RopeKind::kDefault : RopeKind::kLinear;
  } else if (type != "none") {
    return Error{Code::kUnimplemented, keys.where() + ": rope.scaling.type is \"" + type.substr(0, 128) +
                                           "\"; supported are none, linear, yarn and longrope"};
  }
  return rope;
}

// Biases are where their tensors are: the metadata does not tell.
Status ReadBiases(const Gguf& gguf, ModelConfig& config) {
  config.decoder.qkv_bias = gguf.Find("blk.0.attn_q.bias") != nullptr || gguf.Find("blk.0.attn_qkv.bias") != nullptr;
  config.decoder.out_bias = gguf.Find("blk.0.attn_output.bias") != nullptr;
  config.decoder.mlp_bias = gguf.Find("blk.0.ffn_gate.bias") != nullptr;
  return {};
}

// `period`: of so many layers all but the last see a window; 1 is that all do.
Status ReadWindows(const GgufKeys& keys, int64_t period, ModelConfig& config) {
  TRY_ASSIGN(const int64_t window, keys.IntOr("attention.sliding_window", 0));
  if (const GgufValue* pattern = keys.Find("attention.sliding_window_pattern"); pattern != nullptr) {
    TRY_ASSIGN(const int64_t given, keys.Int("attention.sliding_window_pattern"));
    TRY(CheckSize(given, "attention.sliding_window_pattern", keys.where()));
    period = given;
  }
  for (size_t i = 0; i < config.decoder.layers.size(); ++i) {
    if (period == 1 || (i + 1) % static_cast<size_t>(period) != 0) config.decoder.layers[i].window = window;
  }
  return {};
}

Status ReadGemma(const GgufKeys& keys, bool third, ModelConfig& config) {
  DecoderConfig& d = config.decoder;
  d.activation = Activation::kGeluTanh;
  d.post_norms = true;
  d.qk_norm = third;
  d.embedding_scale = std::sqrt(static_cast<double>(config.hidden));
  TRY_ASSIGN(d.attention_softcap, keys.FloatOr("attn_logit_softcapping", third ? 0 : 50));
  TRY_ASSIGN(d.logit_softcap, keys.FloatOr("final_logit_softcapping", third ? 0 : 30));
  // The files do not tell: the largest of each has queries scaled by the hidden size's share of a head.
  if (config.layers == (third ? 62 : 46)) {
    d.attention_scale = 1 / std::sqrt(static_cast<double>(config.hidden / config.heads));
  }
  TRY(ReadWindows(keys, third ? 6 : 2, config));
  if (!third) return {};
  RopeConfig local{.dims = d.ropes[0].dims};
  TRY_ASSIGN(local.theta, keys.FloatOr("rope.freq_base_swa", 1e4));
  d.ropes.push_back(local);
  for (DecoderLayer& layer : d.layers) layer.rope = layer.window == 0 ? 0 : 1;
  return {};
}

Status ReadOptions(const GgufArchitecture& architecture, const Gguf& gguf, const GgufKeys& keys, ModelConfig& config) {
  const std::string_view name = architecture.name;
  TRY_ASSIGN(RopeConfig rope, ReadGgufRope(gguf, keys, name == "gemma3" ? 1e6 : 1e4, config));
  config.decoder.ropes = {std::move(rope)};
  TRY(ReadBiases(gguf, config));
  if (name == "gemma2" || name == "gemma3") {
    TRY(ReadGemma(keys, name == "gemma3", config));
  } else {
    TRY(ReadWindows(keys, 1, config));
  }
  if (name == "qwen3") config.decoder.qk_norm = true;
  for (size_t i = 3; name == "smollm3" && i < config.decoder.layers.size(); i += 4) {
    config.decoder.layers[i].rope = DecoderLayer::kNoRope;
  }
  TRY_ASSIGN(config.decoder.attention_scale, keys.FloatOr("attention.scale", config.decoder.attention_scale));
  return {};
}

// A whole model, and not a part of one.
Status CheckWhole(const Gguf& gguf) {
  const std::string where = gguf.path().string();
  TRY_ASSIGN(const std::string type, gguf.GetStringOr("general.type", "model"));
  if (type != "model") {
    return Error{Code::kUnimplemented, where + ": holds \"" + type.substr(0, 128) + "\", not a model"};
  }
  TRY_ASSIGN(const int64_t parts, gguf.GetIntOr("split.count", 1));
  if (parts > 1) {
    return Error{Code::kUnimplemented, where + ": is one of " + std::to_string(parts) +
                                           " parts of a model; put them together first (llama-gguf-split --merge)"};
  }
  return {};
}

}  // namespace

Result<ModelConfig> ConfigFromGguf(const Gguf& gguf) {
  const std::string where = gguf.path().string();
  ModelConfig config;
  TRY_ASSIGN(config.architecture, gguf.GetString("general.architecture"));
  const GgufArchitecture* architecture = FindGgufArchitecture(config.architecture);
  if (architecture == nullptr) {
    return Error{Code::kUnimplemented, where + ": general.architecture is \"" + config.architecture.substr(0, 128) +
                                           "\"; supported are " + GgufArchitectures()};
  }
  TRY(CheckWhole(gguf));
  const GgufKeys keys(gguf, architecture->name);
  TRY_ASSIGN(config.name, gguf.GetStringOr("general.name", ""));
  TRY(ReadSizes(gguf, keys, config));
  TRY(ReadOptions(*architecture, gguf, keys, config));
  TRY(keys.CheckAllKnown());
  for (const char* key : {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"}) {
    if (gguf.FindMetadata(key) == nullptr) continue;
    TRY_ASSIGN(const int64_t id, gguf.GetInt(key));
    if (id < 0 || id >= config.vocab_size) return Invalid(where + ": " + key + " is outside the vocabulary");
    config.eos_ids.push_back(static_cast<int32_t>(id));
  }
  TRY(CheckConfig(config, where));
  return config;
}

}  // namespace troupe::model
