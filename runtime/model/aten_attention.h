// Attention over keys and values that lie one behind the other, with what a family does to its scores. Shared by steps
// of any shape (aten_pages.h) and of fixed shape (static_step.h).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

#include "runtime/model/config.h"

namespace troupe::model {

enum class Causality : uint8_t { kNone, kCausal };

class AtenAttention {
 public:
  explicit AtenAttention(const ModelConfig& config);

  // Queries [batch, heads, rows, head_dim] over keys and values [batch, kv_heads, size, head_dim], of which a row sees
  // what `mask` says, of a shape that spreads to [batch, heads, rows, size]: bool, or in the queries' dtype what is
  // added to the scores. kCausal is for as many rows as keys, without a mask and where TakesCausal().
  at::Tensor Product(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values,
                     const std::optional<at::Tensor>& mask, Causality causality = Causality::kNone) const;
  // Whether kCausal may be said in place of a mask: torch's kernels do not know capped scores.
  bool TakesCausal() const { return softcap_ == 0; }

 private:
  double scale_;
  double softcap_;
};

}  // namespace troupe::model
