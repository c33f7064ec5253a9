#include "runtime/model/kv_cache.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tanh.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "runtime/base/check.h"

namespace troupe::model {
namespace {

constexpr int64_t kFirstCapacity = 256;

class ContiguousCache final : public KvCache {
 public:
  ContiguousCache(const ModelConfig& config, const Placement& placement, int64_t max_tokens)
      : heads_(config.heads),
        kv_heads_(config.kv_heads),
        head_dim_(config.head_dim),
        max_tokens_(max_tokens),
        options_(at::TensorOptions().device(placement.device).dtype(placement.dtype)),
        softcap_(config.decoder.attention_softcap),
        keys_(config.layers),
        values_(config.layers) {
    if (config.decoder.attention_scale != 0) scale_ = config.decoder.attention_scale;
    for (const DecoderLayer& layer : config.decoder.layers) windows_.push_back(layer.window);
    CHECK(windows_.size() == keys_.size());
  }

  int64_t length() const override { return length_; }

  Status Reserve(int64_t tokens) override {
    const int64_t needed = length_ + tokens;
    if (needed > max_tokens_) {
      return Exhausted("a sequence of " + std::to_string(needed) + " tokens does not fit into its cache of " +
                       std::to_string(max_tokens_));
    }
    if (needed <= capacity_) return {};
    int64_t capacity = std::max(capacity_, kFirstCapacity);
    while (capacity < needed) capacity *= 2;
    capacity = std::min(capacity, max_tokens_);
    try {
      for (size_t layer = 0; layer < keys_.size(); ++layer) {
        Grow(keys_[layer], capacity);
        Grow(values_[layer], capacity);
      }
    } catch (const std::exception& failure) {
      return Exhausted(std::string("no memory for a sequence's cache: ") + failure.what());
    }
    capacity_ = capacity;
    return {};
  }

  at::Tensor Attend(int64_t layer, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) override {
    const int64_t tokens = q.size(0);
    const int64_t total = length_ + tokens;
    CHECK(total <= capacity_);
    keys_[layer].narrow(1, length_, tokens).copy_(k.transpose(0, 1));
    values_[layer].narrow(1, length_, tokens).copy_(v.transpose(0, 1));
    // Of a window, the first key that any of the tokens sees.
    const int64_t window = windows_[layer];
    const int64_t begin = window == 0 ? 0 : std::max<int64_t>(0, length_ - window + 1);
    const at::Tensor keys = keys_[layer].narrow(1, begin, total - begin).unsqueeze(0);
    const at::Tensor values = values_[layer].narrow(1, begin, total - begin).unsqueeze(0);
    if (tokens == 1) {
      // Heads that share a key-value head become its rows: one small matrix product in place of repeated keys.
      const at::Tensor rows = q.view({1, kv_heads_, heads_ / kv_heads_, head_dim_});
      return Product(rows, keys, values, {}).reshape({1, heads_ * head_dim_});
    }
    Scores scores;
    const bool windowed = window != 0 && total - begin > window;
    if (length_ > 0 || windowed || softcap_ != 0) {
      const int64_t before = length_ - begin;  // keys before the first of the tokens
      scores.mask =
          at::ones({tokens, total - begin}, at::TensorOptions().device(q.device()).dtype(at::kBool)).tril(before);
      if (windowed) scores.mask = scores.mask->triu(before - window + 1);
    }
    scores.causal = !scores.mask.has_value();
    const at::Tensor out = Product(q.transpose(0, 1).unsqueeze(0), keys, values, scores);
    return out.squeeze(0).transpose(0, 1).reshape({tokens, heads_ * head_dim_});
  }

  void Commit(int64_t tokens) override { length_ += tokens; }

  void Truncate(int64_t length) override {
    CHECK(length >= 0 && length <= length_);
    length_ = length;
  }

 private:
  // Attention of queries [1, heads, rows, head_dim] over keys and values [1, kv_heads, ., head_dim]. `scores` says what
  // of them counts, as for scaled_dot_product_attention.
  struct Scores {
    std::optional<at::Tensor> mask;
    bool causal = false;
  };
  at::Tensor Product(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values,
                     const Scores& scores) const {
    const int64_t group = queries.size(1) / keys.size(1);
    if (softcap_ == 0) {
      return at::scaled_dot_product_attention(queries, keys, values, scores.mask, 0.0, scores.causal, scale_,
                                              group != 1);
    }
    const double scale = scale_.value_or(1 / std::sqrt(static_cast<double>(head_dim_)));
    const at::Tensor k = group == 1 ? keys : keys.repeat_interleave(group, 1);
    const at::Tensor v = group == 1 ? values : values.repeat_interleave(group, 1);
    at::Tensor capped = at::tanh(at::matmul(queries, k.transpose(-2, -1)) * (scale / softcap_)) * softcap_;
    if (scores.mask) capped = capped.masked_fill(scores.mask->logical_not(), -std::numeric_limits<float>::infinity());
    return at::matmul(at::softmax(capped, -1, at::kFloat).to(v.scalar_type()), v);
  }

  void Grow(at::Tensor& buffer, int64_t capacity) const {
    if (buffer.defined() && buffer.size(1) >= capacity) return;  // a try before this one grew it
    at::Tensor larger = at::empty({kv_heads_, capacity, head_dim_}, options_);
    if (length_ > 0) larger.narrow(1, 0, length_).copy_(buffer.narrow(1, 0, length_));
    buffer = std::move(larger);
  }

  int64_t heads_, kv_heads_, head_dim_;
  int64_t max_tokens_;
  at::TensorOptions options_;
  std::optional<double> scale_;  // without: head_dim^-0.5
  double softcap_;
  std::vector<int64_t> windows_;  // one a layer, 0 for none
  int64_t length_ = 0;
  int64_t capacity_ = 0;
  std::vector<at::Tensor> keys_, values_;  // each [kv_heads, capacity, head_dim]
};

}  // namespace

std::unique_ptr<KvCache> MakeContiguousCache(const ModelConfig& config, const Placement& placement,
                                             int64_t max_tokens) {
  return std::make_unique<ContiguousCache>(config, placement, max_tokens);
}

}  // namespace troupe::model
