// Keys and values of an AtenDecoder's sequences, in pages (Kwon et al., 2023; arXiv:2309.06180), and the attention over
// them. The reference: it gathers a sequence's pages before it attends, which any device and every family's options can
// do. Owned by the decoder, used on its thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/aten_attention.h"
#include "runtime/model/config.h"
#include "runtime/model/decoder.h"
#include "runtime/model/linear.h"

namespace troupe::model {

// int64 [values], on the device.
at::Tensor IndexTensor(const std::vector<int64_t>& values, c10::Device device);

class AtenPages {
 public:
  AtenPages(const ModelConfig& config, const Placement& placement);

  // Room for `pages` pages; forgets what was there. RESOURCE_EXHAUSTED where there is not so much memory. On the CPU
  // the system gives it as pages are first written.
  Status Reserve(int64_t pages);
  void Copy(PageId from, PageId to);
  int64_t pages() const { return pages_; }
  int64_t page_bytes() const;
  // Where a layer's keys and values lie until the next Reserve: [pages, kv_heads, kPageTokens, head_dim].
  const at::Tensor& keys(int64_t layer) const { return keys_[layer]; }
  const at::Tensor& values(int64_t layer) const { return values_[layer]; }
  // New keys and values of a layer, [tokens, kv_heads, head_dim], to these rows of its stores seen as [rows, head_dim]:
  // int64 [tokens * kv_heads].
  void Write(int64_t layer, const at::Tensor& rows, const at::Tensor& k, const at::Tensor& v) const;

  // Where a step's tokens go and what they see: worked out once for all layers. The slices must live until the step is
  // over.
  void BeginStep(std::span<const Slice> slices);
  // Writes the step's keys and values of `layer` and gives the attention of its queries over all that came before and
  // themselves, causally, as far as the layer's window lets them see. q [tokens, heads, head_dim], k and v [tokens,
  // kv_heads, head_dim], slice by slice; the result is [tokens, heads * head_dim].
  at::Tensor Attend(int64_t layer, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v);

 private:
  // What one slice sees through a window.
  struct View {
    at::Tensor pages;                // the ids that hold it, int64
    int64_t skip = 0;                // tokens of the first page before it
    int64_t size = 0;                // tokens
    std::optional<at::Tensor> mask;  // [tokens, size]; without one all is seen, or what is causal
    Causality causality = Causality::kNone;
  };

  View MakeView(const Slice& slice, int64_t window) const;
  const std::vector<View>& ViewsThrough(int64_t window);
  at::Tensor Gather(const at::Tensor& store, const View& view) const;
  at::Tensor AttendSlice(int64_t layer, const at::Tensor& q, const View& view) const;

  int64_t heads_, kv_heads_, head_dim_;
  at::TensorOptions options_;
  AtenAttention attention_;
  std::vector<int64_t> windows_;  // one a layer, 0 for none
  int64_t pages_ = 0;
  std::vector<at::Tensor> keys_, values_;  // a layer each, [pages, kv_heads, kPageTokens, head_dim]

  // Of the step.
  std::span<const Slice> slices_;
  at::Tensor rows_;  // of the new tokens, in a store seen as [rows, head_dim]; int64 [tokens * kv_heads]
  std::map<int64_t, std::vector<View>> views_;  // by window, a slice each
};

}  // namespace troupe::model
