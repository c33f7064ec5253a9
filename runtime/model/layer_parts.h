// The parts of a decoder's layer, in whatever form a decoder keeps norms and linear layers. Every decoder's layer is
// made of them, so what parts there are and where they come from is said once.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/base/error.h"
#include "runtime/model/config.h"

namespace troupe::model {

// Norms that a family does not have are empty, or undefined.
template <class Norm, class Linear>
struct LayerParts {
  Norm attention_norm;  // [hidden]
  Linear qkv;           // to queries, keys and values in one product
  Norm q_norm, k_norm;  // [head_dim]
  Linear out;
  Norm attention_post_norm;  // [hidden]
  Norm ffn_norm;             // [hidden]
  Linear gate_up;            // to both halves of the gated feed-forward
  Linear down;
  Norm ffn_post_norm;  // [hidden]
};

// Brings in each part of `layer` by what `tensors` says of it: load_norm(name, size) and load_linear(tensors) give
// Results. Norms without a name are left as they are.
template <class Norm, class Linear, class Tensors>
Status LoadParts(const LayerParts<std::string, Tensors>& tensors, const ModelConfig& config, const auto& load_norm,
                 const auto& load_linear, LayerParts<Norm, Linear>& layer) {
  const auto norm = [&](const std::string& name, int64_t size, Norm& into) -> Status {
    if (name.empty()) return {};
    TRY_ASSIGN(into, load_norm(name, size));
    return {};
  };
  TRY(norm(tensors.attention_norm, config.hidden, layer.attention_norm));
  TRY_ASSIGN(layer.qkv, load_linear(tensors.qkv));
  TRY(norm(tensors.q_norm, config.head_dim, layer.q_norm));
  TRY(norm(tensors.k_norm, config.head_dim, layer.k_norm));
  TRY_ASSIGN(layer.out, load_linear(tensors.out));
  TRY(norm(tensors.attention_post_norm, config.hidden, layer.attention_post_norm));
  TRY(norm(tensors.ffn_norm, config.hidden, layer.ffn_norm));
  TRY_ASSIGN(layer.gate_up, load_linear(tensors.gate_up));
  TRY_ASSIGN(layer.down, load_linear(tensors.down));
  TRY(norm(tensors.ffn_post_norm, config.hidden, layer.ffn_post_norm));
  return {};
}

}  // namespace troupe::model
