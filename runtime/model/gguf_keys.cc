#include "runtime/model/gguf_keys.h"

#include <algorithm>
#include <array>

namespace troupe::model {
namespace {

constexpr std::array<std::string_view, 30> kKnown{"context_length",
                                                  "embedding_length",
                                                  "block_count",
                                                  "feed_forward_length",
                                                  "vocab_size",
                                                  "tensor_data_layout",
                                                  "expert_count",
                                                  "expert_used_count",
                                                  "attention.head_count",
                                                  "attention.head_count_kv",
                                                  "attention.key_length",
                                                  "attention.value_length",
                                                  "attention.layer_norm_rms_epsilon",
                                                  "attention.sliding_window",
                                                  "attention.sliding_window_pattern",
                                                  "attention.scale",
                                                  "attention.causal",
                                                  "attn_logit_softcapping",
                                                  "final_logit_softcapping",
                                                  "rope.dimension_count",
                                                  "rope.freq_base",
                                                  "rope.freq_base_swa",
                                                  "rope.scale_linear",
                                                  "rope.scaling.type",
                                                  "rope.scaling.factor",
                                                  "rope.scaling.attn_factor",
                                                  "rope.scaling.original_context_length",
                                                  "rope.scaling.finetuned",
                                                  "rope.scaling.yarn_beta_fast",
                                                  "rope.scaling.yarn_beta_slow"};

}  // namespace

Status GgufKeys::CheckAllKnown() const {
  for (const auto& [key, value] : gguf_.metadata()) {
    if (!key.starts_with(prefix_)) continue;
    const std::string_view own = std::string_view(key).substr(prefix_.size());
    if (std::find(kKnown.begin(), kKnown.end(), own) == kKnown.end()) {
      return Error{Code::kUnimplemented, where() + ": metadata \"" + key.substr(0, 128) +
                                             "\" is not known here, and may change what the model computes"};
    }
  }
  if (const GgufValue* causal = Find("attention.causal"); causal != nullptr && *causal != GgufValue(true)) {
    return Error{Code::kUnimplemented, where() + ": attention that is not causal is not supported"};
  }
  return {};
}

}  // namespace troupe::model
