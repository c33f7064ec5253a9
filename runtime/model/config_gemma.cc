// What only Gemma 2 and 3 have in a config.json.
#include <cmath>

#include "runtime/model/config_fields.h"

namespace troupe::model {
namespace {

// What Gemma 2 and 3 share.
Status ReadGemma(const Fields& fields, ModelConfig& config) {
  DecoderConfig& d = config.decoder;
  TRY(ReadActivation(fields, "hidden_activation", "gelu_pytorch_tanh", config));
  TRY(fields.Only("hidden_act", "gelu_pytorch_tanh"));
  TRY_ASSIGN(d.qkv_bias, fields.BoolOr("attention_bias", false));
  d.out_bias = d.qkv_bias;
  d.post_norms = true;
  d.norm_offset = 1;
  d.embedding_scale = std::sqrt(static_cast<double>(config.hidden));
  TRY_ASSIGN(const double scalar, fields.NumberOr("query_pre_attn_scalar", 256));
  if (!(scalar > 0)) return fields.Wrong("query_pre_attn_scalar", "above 0");
  d.attention_scale = 1 / std::sqrt(scalar);
  return fields.Only("use_bidirectional_attention", false);
}

// A soft cap: a number, or none for null; `usual` where the field is missing.
Result<double> ReadSoftcap(const Fields& fields, const char* name, double usual) {
  if (fields.Has(name) && fields.Find(name) == nullptr) return 0.0;
  TRY_ASSIGN(const double cap, fields.NumberOr(name, usual));
  if (cap < 0) return fields.Wrong(name, "above 0");
  return cap;
}

int64_t Gemma3Pattern(const Fields& fields) {
  const int64_t pattern = fields.IntOr("_sliding_window_pattern", 6).value_or(0);
  return fields.IntOr("sliding_window_pattern", pattern).value_or(0);
}

// Gemma 3's two sets of frequencies: rope_parameters with an object for each, or rope_theta, rope_scaling and
// rope_local_base_freq. The lengths in its files are the stretched ones.
Status ReadGemma3Ropes(const Fields& fields, const RopeConfig& usual, ModelConfig& config) {
  const int64_t positions = config.max_positions;
  RopeConfig local = usual;
  TRY_ASSIGN(local.theta, fields.NumberOr("rope_local_base_freq", 1e4));
  const Value* parameters = fields.Find("rope_parameters");
  const bool nested = parameters != nullptr && parameters->is_object() && fields.Find("rope_scaling") == nullptr &&
                      (parameters->contains("full_attention") || parameters->contains("sliding_attention"));
  if (!nested) {
    TRY_ASSIGN(RopeConfig global, ReadRope(fields, usual, config));
    config.decoder.ropes = {std::move(global), std::move(local)};
  } else {
    const std::string where = fields.where() + ": rope_parameters";
    const Fields both(*parameters, where);
    RopeConfig global = usual;
    TRY_ASSIGN(global.theta, fields.NumberOr("rope_theta", usual.theta));
    for (const auto& [name, rope] : {std::pair("full_attention", &global), std::pair("sliding_attention", &local)}) {
      if (const Value* object = both.Find(name); object != nullptr) {
        TRY_ASSIGN(*rope, ReadRopeObject(*object, where + ": " + name, *rope, config));
      }
    }
    TRY(both.CheckAllKnown("Gemma 3"));
    config.decoder.ropes = {std::move(global), std::move(local)};
  }
  config.max_positions = positions;
  return {};
}

}  // namespace

Status ReadGemma2(const Fields& fields, ModelConfig& config) {
  TRY(ReadGemma(fields, config));
  TRY_ASSIGN(config.decoder.attention_softcap, ReadSoftcap(fields, "attn_logit_softcapping", 50));
  TRY_ASSIGN(config.decoder.logit_softcap, ReadSoftcap(fields, "final_logit_softcapping", 30));
  TRY_ASSIGN(const int64_t window, ReadWindow(fields, 4096));
  return ReadWindows(fields, window, [](const Fields&, int64_t layer) { return layer % 2 == 0; }, config);
}

Status ReadGemma3(const Fields& fields, ModelConfig& config) {
  TRY(ReadGemma(fields, config));
  DecoderConfig& d = config.decoder;
  d.qk_norm = true;
  if (const Value* cap = fields.Find("attn_logit_softcapping"); cap != nullptr) {
    return fields.Unsupported("attn_logit_softcapping", *cap, "Gemma 3 has none");
  }
  TRY_ASSIGN(d.logit_softcap, ReadSoftcap(fields, "final_logit_softcapping", 0));
  TRY_ASSIGN(const int64_t window, ReadWindow(fields, 4096));
  if (Gemma3Pattern(fields) < 1) return fields.Wrong("sliding_window_pattern", "a number of layers");
  const auto slides = [](const Fields& f, int64_t layer) { return (layer + 1) % Gemma3Pattern(f) != 0; };
  TRY(ReadWindows(fields, window, slides, config));
  for (DecoderLayer& layer : d.layers) layer.rope = layer.window == 0 ? 0 : 1;
  const RopeConfig usual{.theta = 1e6, .dims = config.head_dim};
  return ReadGemma3Ropes(fields, usual, config);
}

}  // namespace troupe::model
