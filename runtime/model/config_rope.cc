// Rotary positions in a config.json. transformers 4 writes rope_theta and rope_scaling, transformers 5 rope_parameters
// with both; "type" is an older name of "rope_type", "su" of "longrope".
#include <algorithm>
#include <array>
#include <cmath>

#include "runtime/model/config_fields.h"

namespace troupe::model {
namespace {

Result<RopeKind> KindOf(const std::string& type, const Fields& fields) {
  constexpr std::array kKinds{RopeKind::kDefault,  RopeKind::kLinear, RopeKind::kDynamic,     RopeKind::kYarn,
                              RopeKind::kLongRope, RopeKind::kLlama3, RopeKind::kProportional};
  std::string known;
  for (const RopeKind kind : kKinds) {
    if (type == RopeKindName(kind)) return kind;
    known += (known.empty() ? "" : ", ") + std::string(RopeKindName(kind));
  }
  if (type == "su") return RopeKind::kLongRope;
  if (type == "none") return RopeKind::kDefault;
  return fields.Unsupported("rope_type", type, "these are: " + known);
}

// What the stretched lengths are worth in attention, where the file does not say it (Peng et al., 2023, equation 22).
double YarnAttention(double factor, double weight) { return factor <= 1 ? 1.0 : 0.1 * weight * std::log(factor) + 1.0; }

// kYarn and kLongRope: the attention factor as given, or else from the lengths.
Status ReadAttentionFactor(const Fields& fields, RopeConfig& rope) {
  TRY_ASSIGN(const double weight, fields.NumberOr("mscale", 0));
  TRY_ASSIGN(const double weight_all, fields.NumberOr("mscale_all_dim", 0));
  double usual = 1;
  if (rope.kind == RopeKind::kYarn) {
    usual = weight != 0 && weight_all != 0 ? YarnAttention(rope.factor, weight) / YarnAttention(rope.factor, weight_all)
                                           : YarnAttention(rope.factor, 1);
  } else if (rope.kind == RopeKind::kLongRope && rope.factor > 1) {
    usual = std::sqrt(1 + std::log(rope.factor) / std::log(static_cast<double>(rope.original_positions)));
  }
  TRY_ASSIGN(const double given, fields.NumberOr("attention_factor", usual));
  if (rope.kind == RopeKind::kYarn || rope.kind == RopeKind::kLongRope) rope.attention_factor = given;
  return {};
}

// Positions that a model can be run at: the lengths in files are from before stretching for these kinds.
void Stretch(const RopeConfig& rope, ModelConfig& config) {
  double positions = static_cast<double>(config.max_positions);
  if (rope.kind == RopeKind::kLinear || rope.kind == RopeKind::kDynamic) positions *= rope.factor;
  if (rope.kind == RopeKind::kYarn) {
    positions = std::max(positions, static_cast<double>(rope.original_positions) * rope.factor);
  }
  if (positions >= 1 && positions < 1e9) config.max_positions = static_cast<int64_t>(positions);
}

}  // namespace

Result<RopeConfig> ReadRopeObject(const Value& json, const std::string& where, RopeConfig rope, ModelConfig& config) {
  if (!json.is_object()) return Invalid(where + ": not an object");
  const Fields fields(json, where);
  TRY_ASSIGN(std::string type, fields.StringOr("type", "default"));
  TRY_ASSIGN(type, fields.StringOr("rope_type", type));
  TRY_ASSIGN(rope.kind, KindOf(type, fields));
  TRY_ASSIGN(rope.theta, fields.NumberOr("rope_theta", rope.theta));
  TRY_ASSIGN(rope.share, fields.NumberOr("partial_rotary_factor", rope.share));
  const int64_t original = rope.original_positions == 0 ? config.max_positions : rope.original_positions;
  TRY_ASSIGN(rope.original_positions, fields.IntOr("original_max_position_embeddings", original));
  // transformers measures this kind by max_position_embeddings alone.
  if (rope.kind == RopeKind::kDynamic) rope.original_positions = config.max_positions;
  TRY(CheckSize(rope.original_positions, "original_max_position_embeddings", where));
  const bool by_lengths = rope.kind == RopeKind::kYarn || rope.kind == RopeKind::kLongRope;
  if (!by_lengths && rope.kind != RopeKind::kDefault && rope.kind != RopeKind::kProportional &&
      fields.Find("factor") == nullptr) {
    return Invalid(where + ": \"factor\" is missing");
  }
  const double ratio = static_cast<double>(config.max_positions) / static_cast<double>(rope.original_positions);
  TRY_ASSIGN(rope.factor, fields.NumberOr("factor", by_lengths ? ratio : 1));
  TRY_ASSIGN(rope.beta_fast, fields.NumberOr("beta_fast", 32));
  TRY_ASSIGN(rope.beta_slow, fields.NumberOr("beta_slow", 1));
  TRY_ASSIGN(rope.truncate, fields.BoolOr("truncate", true));
  TRY_ASSIGN(rope.low_freq_factor, fields.NumberOr("low_freq_factor", 1));
  TRY_ASSIGN(rope.high_freq_factor, fields.NumberOr("high_freq_factor", 4));
  TRY_ASSIGN(rope.short_divisors, fields.Numbers("short_factor"));
  TRY_ASSIGN(rope.long_divisors, fields.Numbers("long_factor"));
  TRY(ReadAttentionFactor(fields, rope));
  constexpr std::array<std::string_view, 1> kIgnored{"finetuned"};
  fields.Ignore(kIgnored);
  TRY(fields.CheckAllKnown("this kind of rotary positions"));
  if (!(rope.share >= 0 && rope.share <= 1)) return fields.Wrong("partial_rotary_factor", "between 0 and 1");
  if (rope.kind != RopeKind::kProportional) {
    rope.dims = static_cast<int64_t>(static_cast<double>(rope.dims) * rope.share);
    rope.share = 1;
  }
  Stretch(rope, config);
  const bool by_original = by_lengths || rope.kind == RopeKind::kDynamic || rope.kind == RopeKind::kLlama3;
  if (!by_original) rope.original_positions = 0;
  return rope;
}

Result<RopeConfig> ReadRope(const Fields& fields, RopeConfig usual, ModelConfig& config) {
  TRY_ASSIGN(usual.theta, fields.NumberOr("rope_theta", usual.theta));
  TRY_ASSIGN(usual.share, fields.NumberOr("partial_rotary_factor", usual.share));
  TRY_ASSIGN(usual.original_positions, fields.IntOr("original_max_position_embeddings", usual.original_positions));
  const Value* scaling = fields.Find("rope_scaling");
  const Value* parameters = fields.Find("rope_parameters");
  const bool old = scaling != nullptr && !scaling->empty();
  const Value* object = old ? scaling : parameters;
  const Value nothing = Value::object();
  return ReadRopeObject(object == nullptr ? nothing : *object,
                        fields.where() + (old ? ": rope_scaling" : ": rope_parameters"), std::move(usual), config);
}

}  // namespace troupe::model
