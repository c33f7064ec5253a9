// What a sequence remembers: keys and values of every layer for the tokens so far. A cache also does the attention over
// what it holds, because only it knows how that lies in memory; paged and shared caches are further classes of this
// interface. One for each sequence, used on the model thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

#include "runtime/base/error.h"
#include "runtime/model/config.h"
#include "runtime/model/linear.h"

namespace troupe::model {

class KvCache {
 public:
  virtual ~KvCache() = default;

  // Tokens that are remembered, in all layers.
  virtual int64_t length() const = 0;
  // Makes room for `tokens` more. RESOURCE_EXHAUSTED where that is beyond the cache's limit.
  virtual Status Reserve(int64_t tokens) = 0;
  // Adds `tokens` tokens' keys and values for `layer` behind length() and gives the attention of their queries over all
  // that came before and themselves, causally, in as far as the layer's window lets them see. q [tokens, heads,
  // head_dim]; k and v [tokens, kv_heads, head_dim]; the result is [tokens, heads * head_dim]. Reserve comes first.
  virtual at::Tensor Attend(int64_t layer, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) = 0;
  // After all layers: the tokens now count.
  virtual void Commit(int64_t tokens) = 0;
  // Forgets everything behind the first `length` tokens.
  virtual void Truncate(int64_t length) = 0;
};

// One buffer a layer that doubles as it fills, up to `max_tokens`.
std::unique_ptr<KvCache> MakeContiguousCache(const ModelConfig& config, const Placement& placement, int64_t max_tokens);

}  // namespace troupe::model
