#include "runtime/model/config.h"

#include <cmath>

#include "runtime/model/config_fields.h"

namespace troupe::model {
namespace {

constexpr int64_t kMaxSize = 1 << 24;
constexpr int64_t kMaxLayers = 1024;

Status CheckRope(const RopeConfig& rope, const ModelConfig& config, const std::string& prefix) {
  const std::string what = prefix + "rotary positions (\"" + std::string(RopeKindName(rope.kind)) + "\"): ";
  const auto between = [](double value, double low, double high) { return value >= low && value <= high; };
  if (rope.dims < 2 || rope.dims % 2 != 0 || rope.dims > config.head_dim) {
    return Invalid(what + std::to_string(rope.dims) + " of a head's " + std::to_string(config.head_dim) +
                   " values are to be turned: it must be an even number of them");
  }
  if (!between(rope.theta, 1, 1e15)) return Invalid(what + "the base is not between 1 and 1e15");
  if (!between(rope.factor, 1e-3, 1e6)) return Invalid(what + "\"factor\" is not between 0.001 and 1000000");
  if (!between(rope.attention_factor, 1e-3, 1e3)) {
    return Invalid(what + "the attention factor is not between 0.001 and 1000");
  }
  if (rope.kind == RopeKind::kDynamic && (rope.dims < 4 || rope.factor < 1)) {
    return Invalid(what + "a factor below 1, or fewer than 4 turned values");
  }
  const bool has_original = rope.kind == RopeKind::kDynamic || rope.kind == RopeKind::kYarn ||
                            rope.kind == RopeKind::kLongRope || rope.kind == RopeKind::kLlama3;
  if (has_original) TRY(CheckSize(rope.original_positions, "the original number of positions", prefix + "rope"));
  if (rope.kind == RopeKind::kYarn && !(rope.theta > 1 && between(rope.beta_slow, 1e-3, rope.beta_fast) &&
                                        between(rope.beta_fast, rope.beta_slow, 1e6))) {
    return Invalid(what + "\"beta_slow\" and \"beta_fast\" are no range above 0, or the base is 1");
  }
  if (rope.kind == RopeKind::kLlama3 && !(rope.low_freq_factor > 0 && rope.high_freq_factor > rope.low_freq_factor)) {
    return Invalid(what + "\"low_freq_factor\" and \"high_freq_factor\" are no range above 0");
  }
  if (rope.kind == RopeKind::kProportional && !between(rope.share, 0, 1)) {
    return Invalid(what + "\"partial_rotary_factor\" is not between 0 and 1");
  }
  const auto fits = [&](const std::vector<double>& divisors) {
    if (divisors.size() != static_cast<size_t>(rope.dims / 2)) return false;
    for (const double divisor : divisors) {
      if (!between(divisor, 1e-6, 1e9)) return false;
    }
    return true;
  };
  const bool divided = rope.kind == RopeKind::kDivided || rope.kind == RopeKind::kLongRope;
  if ((divided && !fits(rope.short_divisors)) || (rope.kind == RopeKind::kLongRope && !fits(rope.long_divisors))) {
    return Invalid(what + "the divisors are not " + std::to_string(rope.dims / 2) +
                   " numbers above 0, one for each pair of turned values");
  }
  return {};
}

Status CheckDecoder(const ModelConfig& config, const std::string& prefix) {
  const DecoderConfig& d = config.decoder;
  if (d.layers.size() != static_cast<size_t>(config.layers)) {
    return Invalid(prefix + std::to_string(d.layers.size()) + " layers are described, the model has " +
                   std::to_string(config.layers));
  }
  for (const DecoderLayer& layer : d.layers) {
    if (layer.rope != DecoderLayer::kNoRope && static_cast<size_t>(layer.rope) >= d.ropes.size()) {
      return Invalid(prefix + "a layer turns by frequencies that are not described");
    }
    if (layer.window != 0) TRY(CheckSize(layer.window, "the sliding window", prefix + "attention"));
  }
  for (const RopeConfig& rope : d.ropes) TRY(CheckRope(rope, config, prefix));
  const auto bounded = [](double value) { return value >= 0 && value <= 1e6; };
  if (!bounded(d.attention_scale) || !bounded(d.attention_softcap) || !bounded(d.logit_softcap) ||
      !bounded(d.embedding_scale)) {
    return Invalid(prefix + "a scale or a soft cap is not between 0 and 1000000");
  }
  return {};
}

}  // namespace

double AttentionScale(const ModelConfig& config) {
  const double scale = config.decoder.attention_scale;
  return scale != 0 ? scale : 1 / std::sqrt(static_cast<double>(config.head_dim));
}

Status CheckSize(int64_t value, std::string_view field, std::string_view where) {
  if (value >= 1 && value <= kMaxSize) return {};
  return Invalid(std::string(where) + ": " + std::string(field) + " is " + std::to_string(value) +
                 ", not between 1 and 16777216");
}

Status CheckConfig(const ModelConfig& config, std::string_view where) {
  TRY(CheckSize(config.hidden, "the hidden size", where));
  TRY(CheckSize(config.layers, "the number of layers", where));
  TRY(CheckSize(config.heads, "the number of attention heads", where));
  TRY(CheckSize(config.kv_heads, "the number of key-value heads", where));
  TRY(CheckSize(config.head_dim, "the head dimension", where));
  TRY(CheckSize(config.ffn, "the feed-forward size", where));
  TRY(CheckSize(config.vocab_size, "the vocabulary size", where));
  TRY(CheckSize(config.max_positions, "the number of positions", where));
  const std::string prefix = std::string(where) + ": ";
  if (config.layers > kMaxLayers) {
    return Invalid(prefix + std::to_string(config.layers) + " layers are more than " + std::to_string(kMaxLayers));
  }
  if (config.heads % config.kv_heads != 0) {
    return Invalid(prefix + std::to_string(config.heads) + " attention heads cannot share " +
                   std::to_string(config.kv_heads) + " key-value heads evenly");
  }
  if (config.family == Family::kBert && config.heads * config.head_dim != config.hidden) {
    return Invalid(prefix + "the hidden size is not a multiple of the number of heads");
  }
  if (config.head_dim % 2 != 0) return Invalid(prefix + "the head dimension is odd, rotary positions need pairs");
  if (!(config.norm_eps > 0 && config.norm_eps < 1)) return Invalid(prefix + "the norm's epsilon is not in (0, 1)");
  if (config.family == Family::kDecoder) TRY(CheckDecoder(config, prefix));
  return {};
}

Status ReadQuantization(const Fields& fields, ModelConfig& config) {
  const Value* json = fields.Find("quantization_config");
  if (json == nullptr) return {};
  if (!json->is_object()) return fields.Wrong("quantization_config", "an object");
  const Fields own(*json, fields.where() + ": quantization_config");
  TRY_ASSIGN(const std::string made_by, own.StringOr("quant_method", ""));
  if (made_by != "troupe") {
    return own.Unsupported("quant_method", made_by,
                           "\"troupe\" is; quantise the full model with troupe-agent quantize");
  }
  TRY_ASSIGN(const int64_t bits, own.Int("bits"));
  if (bits != 4 && bits != 8) return own.Unsupported("bits", bits, "4 and 8 are");
  TRY_ASSIGN(const int64_t group, own.IntOr("group", 0));
  TRY_ASSIGN(const std::string method, own.StringOr("method", "rtn"));
  config.quantization = "int" + std::to_string(bits) +
                        (group == 0 ? " per channel" : " in groups of " + std::to_string(group)) + " by " +
                        method.substr(0, 64);
  return {};
}

Result<ModelConfig> ConfigFromJson(const Value& json, std::string_view where) {
  if (!json.is_object()) return Invalid(std::string(where) + ": not a JSON object");
  const Fields fields(json, where);
  ModelConfig config;
  TRY_ASSIGN(const std::string type, fields.StringOr("model_type", ""));
  config.architecture = type;
  if (const Value* list = fields.Find("architectures"); list != nullptr && list->is_array() && !list->empty()) {
    if (!list->front().is_string()) return fields.Wrong("architectures", "a list of strings");
    config.architecture = list->front().get<std::string>();
  }
  TRY_ASSIGN(config.name, fields.StringOr("_name_or_path", ""));
  const std::string decoders = DecoderTypes();
  if (type != "bert" && (", " + decoders + ",").find(", " + type + ",") == std::string::npos) {
    return Error{Code::kUnimplemented, std::string(where) + ": \"model_type\" is \"" + type.substr(0, 128) +
                                           "\"; supported are bert, " + decoders};
  }
  TRY_ASSIGN(config.hidden, fields.Int("hidden_size"));
  TRY_ASSIGN(config.layers, fields.Int("num_hidden_layers"));
  TRY_ASSIGN(config.heads, fields.Int("num_attention_heads"));
  TRY_ASSIGN(config.ffn, fields.Int("intermediate_size"));
  TRY_ASSIGN(config.vocab_size, fields.Int("vocab_size"));
  TRY_ASSIGN(config.max_positions, fields.Int("max_position_embeddings"));
  // Before anything is made as large as they say.
  TRY(CheckSize(config.heads, "the number of attention heads", where));
  TRY(CheckSize(config.vocab_size, "the vocabulary size", where));
  if (config.layers < 1 || config.layers > kMaxLayers) {
    return Invalid(std::string(where) + ": " + std::to_string(config.layers) + " layers, not 1 to " +
                   std::to_string(kMaxLayers));
  }
  TRY(ReadQuantization(fields, config));
  if (type == "bert") {
    TRY(ReadBert(fields, config));
  } else {
    TRY(ReadDecoder(type, fields, config));
  }
  TRY(CheckConfig(config, where));
  return config;
}

}  // namespace troupe::model
