#include "runtime/model/static_step.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace troupe::model {
namespace {

// What a layer's gathered keys and values may take of the device's memory for a moment.
constexpr int64_t kMaxGatheredBytes = int64_t{512} << 20;

}  // namespace

StaticStep::StaticStep(const AtenLayers& layers, const AtenPages& pages)
    : layers_(layers),
      pages_(pages),
      config_(layers.config()),
      attention_(config_),
      max_pages_(std::max<int64_t>(1, kMaxGatheredBytes * config_.layers / pages.page_bytes())),
      inputs_(layers, max_pages_) {
  heads_ = at::arange(config_.kv_heads, at::TensorOptions().device(layers.placement().device).dtype(at::kLong));
}

StepBucket StaticStep::BucketOf(std::span<const Slice> slices) const {
  int64_t pages = 1;
  for (const Slice& slice : slices) pages = std::max(pages, PagesFor(slice.length + 1));
  return BucketFor(static_cast<int64_t>(slices.size()), pages, max_pages_);
}

void StaticStep::Send(const StepBucket& bucket, std::span<const Slice> slices) {
  at::Tensor& logits = logits_[bucket.sequences];
  if (!logits.defined()) {
    const auto options = at::TensorOptions().device(layers_.placement().device).dtype(at::kFloat);
    logits = at::empty({bucket.sequences, config_.vocab_size}, options);
  }
  inputs_.Send(bucket, slices, static_cast<PageId>(pages_.pages() - 1));
}

StaticStep::View StaticStep::MakeView(const StepInputs::Window& window, int64_t size, const at::Tensor& lengths) const {
  const int64_t sequences = window.pages.size(0);
  const int64_t tokens = window.pages.size(1) * kPageTokens;
  View view;
  view.rows = (window.pages.unsqueeze(1) * config_.kv_heads + heads_.view({1, -1, 1})).view(-1);
  const at::Tensor ends = lengths.unsqueeze(1);
  const at::Tensor positions = window.first.unsqueeze(1) + at::arange(tokens, lengths.options());
  at::Tensor hidden = positions >= ends;
  if (size != 0) hidden = hidden.logical_or(positions < ends - size);
  view.hidden = hidden.view({sequences, 1, tokens, 1});
  view.mask = at::zeros({sequences, 1, 1, tokens}, lengths.options().dtype(layers_.placement().dtype))
                  .masked_fill_(hidden.view({sequences, 1, 1, tokens}), -std::numeric_limits<float>::infinity());
  return view;
}

// [sequences, kv_heads, tokens, head_dim]
at::Tensor StaticStep::Gather(const at::Tensor& store, const View& view) const {
  const at::Tensor pages = store.view({-1, kPageTokens * config_.head_dim}).index_select(0, view.rows);
  // What is hidden may be anything, also no number, and no number times a weight of zero is not zero.
  return pages.view({view.hidden.size(0), config_.kv_heads, -1, config_.head_dim}).masked_fill_(view.hidden, 0);
}

void StaticStep::Run(const StepBucket& bucket) const {
  const ModelConfig& c = config_;
  const int64_t n = bucket.sequences;
  const StepInputs::Tensors in = inputs_.On(bucket);
  std::map<int64_t, View> views;
  for (const auto& [size, window] : in.windows) views.emplace(size, MakeView(window, size, in.lengths));
  const at::Tensor rows = (in.rows.unsqueeze(1) + heads_ * kPageTokens).view(-1);
  std::vector<AtenLayers::Turn> turns;
  for (const at::Tensor& both : in.turns) turns.push_back(layers_.TurnOf(both));
  const auto attend = [&](int64_t layer, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
    pages_.Write(layer, rows, k, v);
    const View& view = views.at(c.decoder.layers[static_cast<size_t>(layer)].window);
    // Heads that share a key-value head become its rows, as in AtenPages.
    const at::Tensor queries = q.reshape({n, c.kv_heads, c.heads / c.kv_heads, c.head_dim});
    const at::Tensor out =
        attention_.Product(queries, Gather(pages_.keys(layer), view), Gather(pages_.values(layer), view), view.mask);
    return out.reshape({n, c.heads * c.head_dim});
  };
  Logits(bucket).copy_(layers_.Logits(layers_.Run(in.ids, turns, attend)));
}

}  // namespace troupe::model
