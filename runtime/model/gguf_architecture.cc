#include "runtime/model/gguf_architecture.h"

#include <array>
#include <span>
#include <utility>

namespace troupe::model {
namespace {

constexpr std::array<GgufArchitecture, 7> kArchitectures{{{.name = "llama", .permuted = true},
                                                          {.name = "smollm3", .permuted = true},
                                                          {.name = "qwen2"},
                                                          {.name = "qwen3"},
                                                          {.name = "phi3"},
                                                          {.name = "gemma2", .post_norms = true},
                                                          {.name = "gemma3", .post_norms = true}}};

using Rule = std::pair<std::string_view, std::string_view>;

constexpr std::array<Rule, 3> kWhole{{{"model.embed_tokens.weight", "token_embd.weight"},
                                      {"model.norm.weight", "output_norm.weight"},
                                      {"lm_head.weight", "output.weight"}}};

// Without ".weight" and ".bias".
constexpr std::array<Rule, 12> kLayer{{{"input_layernorm", "attn_norm"},
                                       {"self_attn.q_proj", "attn_q"},
                                       {"self_attn.k_proj", "attn_k"},
                                       {"self_attn.v_proj", "attn_v"},
                                       {"self_attn.qkv_proj", "attn_qkv"},
                                       {"self_attn.q_norm", "attn_q_norm"},
                                       {"self_attn.k_norm", "attn_k_norm"},
                                       {"self_attn.o_proj", "attn_output"},
                                       {"mlp.gate_proj", "ffn_gate"},
                                       {"mlp.up_proj", "ffn_up"},
                                       {"mlp.gate_up_proj", "ffn_up"},
                                       {"mlp.down_proj", "ffn_down"}}};

constexpr std::array<Rule, 1> kNormBetween{{{"post_attention_layernorm", "ffn_norm"}}};
constexpr std::array<Rule, 3> kNormsAround{{{"post_attention_layernorm", "post_attention_norm"},
                                            {"pre_feedforward_layernorm", "ffn_norm"},
                                            {"post_feedforward_layernorm", "post_ffw_norm"}}};

std::string_view Replaced(std::span<const Rule> rules, std::string_view name) {
  for (const auto& [from, to] : rules) {
    if (name == from) return to;
  }
  return {};
}

}  // namespace

const GgufArchitecture* FindGgufArchitecture(std::string_view name) {
  for (const GgufArchitecture& architecture : kArchitectures) {
    if (architecture.name == name) return &architecture;
  }
  return nullptr;
}

std::string GgufArchitectures() {
  std::string names;
  for (const GgufArchitecture& architecture : kArchitectures) {
    names += (names.empty() ? "" : ", ") + std::string(architecture.name);
  }
  return names;
}

std::string GgufName(const GgufArchitecture& architecture, std::string_view name) {
  if (const std::string_view whole = Replaced(kWhole, name); !whole.empty()) return std::string(whole);
  constexpr std::string_view kPrefix = "model.layers.";
  const size_t number_end = name.find('.', kPrefix.size());
  const size_t kind = name.rfind('.');
  if (!name.starts_with(kPrefix) || number_end == std::string_view::npos || kind <= number_end) {
    return std::string(name);
  }
  const std::string_view number = name.substr(kPrefix.size(), number_end - kPrefix.size());
  const std::string_view part = name.substr(number_end + 1, kind - number_end - 1);
  std::string_view own = Replaced(kLayer, part);
  if (own.empty()) {
    own = architecture.post_norms ? Replaced(kNormsAround, part) : Replaced(kNormBetween, part);
  }
  if (own.empty()) return std::string(name);
  return "blk." + std::string(number) + "." + std::string(own) + std::string(name.substr(kind));
}

}  // namespace troupe::model
