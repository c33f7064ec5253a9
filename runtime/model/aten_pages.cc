#include "runtime/model/aten_pages.h"

#include <ATen/core/TensorBody.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <limits>

#include "runtime/base/check.h"
#include "runtime/model/step_failure.h"

namespace troupe::model {

at::Tensor IndexTensor(const std::vector<int64_t>& values, c10::Device device) {
  return at::tensor(values, at::TensorOptions().dtype(at::kLong)).to(device);
}

AtenPages::AtenPages(const ModelConfig& config, const Placement& placement)
    : heads_(config.heads),
      kv_heads_(config.kv_heads),
      head_dim_(config.head_dim),
      options_(at::TensorOptions().device(placement.device).dtype(placement.dtype)),
      attention_(config) {
  for (const DecoderLayer& layer : config.decoder.layers) windows_.push_back(layer.window);
  CHECK(static_cast<int64_t>(windows_.size()) == config.layers);
}

int64_t AtenPages::page_bytes() const {
  return 2 * static_cast<int64_t>(windows_.size()) * kv_heads_ * kPageTokens * head_dim_ *
         static_cast<int64_t>(options_.dtype().itemsize());
}

Status AtenPages::Reserve(int64_t pages) {
  if (pages < 0 || pages > std::numeric_limits<PageId>::max()) {
    return Invalid(std::to_string(pages) + " pages for keys and values");
  }
  keys_.clear();
  values_.clear();
  pages_ = 0;
  try {
    const c10::InferenceMode mode;
    for (size_t layer = 0; layer < windows_.size(); ++layer) {
      keys_.push_back(at::empty({pages, kv_heads_, kPageTokens, head_dim_}, options_));
      values_.push_back(at::empty({pages, kv_heads_, kPageTokens, head_dim_}, options_));
    }
  } catch (const std::exception& failure) {
    keys_.clear();
    values_.clear();
    return Exhausted("no memory for " + std::to_string(pages) + " pages of keys and values, " +
                     std::to_string(page_bytes()) + " bytes each: " + FirstLine(failure));
  }
  pages_ = pages;
  return {};
}

void AtenPages::Copy(PageId from, PageId to) {
  CHECK(from >= 0 && from < pages_ && to >= 0 && to < pages_);
  const c10::InferenceMode mode;
  for (size_t layer = 0; layer < keys_.size(); ++layer) {
    keys_[layer].select(0, to).copy_(keys_[layer].select(0, from));
    values_[layer].select(0, to).copy_(values_[layer].select(0, from));
  }
}

void AtenPages::BeginStep(std::span<const Slice> slices) {
  slices_ = slices;
  views_.clear();
  std::vector<int64_t> rows;
  for (const Slice& slice : slices) {
    for (int64_t i = 0; i < static_cast<int64_t>(slice.tokens.size()); ++i) {
      const int64_t at = slice.length + i;
      const int64_t page = slice.pages[static_cast<size_t>(at / kPageTokens)];
      for (int64_t head = 0; head < kv_heads_; ++head) {
        rows.push_back((page * kv_heads_ + head) * kPageTokens + at % kPageTokens);
      }
    }
  }
  rows_ = IndexTensor(rows, options_.device());
}

AtenPages::View AtenPages::MakeView(const Slice& slice, int64_t window) const {
  const auto tokens = static_cast<int64_t>(slice.tokens.size());
  const int64_t total = slice.length + tokens;
  // Of a window, the first key that any of the tokens sees.
  const int64_t begin = window == 0 ? 0 : std::max<int64_t>(0, slice.length - window + 1);
  const int64_t first_page = begin / kPageTokens;
  const auto last_page = static_cast<std::ptrdiff_t>(PagesFor(total));
  View view;
  view.pages = IndexTensor({slice.pages.begin() + first_page, slice.pages.begin() + last_page}, options_.device());
  view.skip = begin - first_page * kPageTokens;
  view.size = total - begin;
  if (tokens == 1) return view;
  const bool windowed = window != 0 && view.size > window;
  if (slice.length == 0 && !windowed && attention_.TakesCausal()) {
    view.causality = Causality::kCausal;
    return view;
  }
  const int64_t before = slice.length - begin;  // keys before the first of the tokens
  view.mask =
      at::ones({tokens, view.size}, at::TensorOptions().device(options_.device()).dtype(at::kBool)).tril(before);
  if (windowed) view.mask = view.mask->triu(before - window + 1);
  return view;
}

const std::vector<AtenPages::View>& AtenPages::ViewsThrough(int64_t window) {
  const auto [found, is_new] = views_.try_emplace(window);
  if (is_new) {
    for (const Slice& slice : slices_) found->second.push_back(MakeView(slice, window));
  }
  return found->second;
}

void AtenPages::Write(int64_t layer, const at::Tensor& rows, const at::Tensor& k, const at::Tensor& v) const {
  keys_[layer].view({-1, head_dim_}).index_copy_(0, rows, k.reshape({-1, head_dim_}));
  values_[layer].view({-1, head_dim_}).index_copy_(0, rows, v.reshape({-1, head_dim_}));
}

at::Tensor AtenPages::Attend(int64_t layer, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  Write(layer, rows_, k, v);
  const std::vector<View>& views = ViewsThrough(windows_[layer]);
  std::vector<at::Tensor> attended;
  int64_t begin = 0;
  for (size_t i = 0; i < slices_.size(); ++i) {
    const auto size = static_cast<int64_t>(slices_[i].tokens.size());
    attended.push_back(AttendSlice(layer, q.narrow(0, begin, size), views[i]));
    begin += size;
  }
  return attended.size() == 1 ? attended[0] : at::cat(attended);
}

// [1, kv_heads, size, head_dim]
at::Tensor AtenPages::Gather(const at::Tensor& store, const View& view) const {
  const at::Tensor pages = store.index_select(0, view.pages).transpose(0, 1).reshape({kv_heads_, -1, head_dim_});
  return pages.narrow(1, view.skip, view.size).unsqueeze(0);
}

at::Tensor AtenPages::AttendSlice(int64_t layer, const at::Tensor& q, const View& view) const {
  const int64_t tokens = q.size(0);
  const at::Tensor keys = Gather(keys_[layer], view);
  const at::Tensor values = Gather(values_[layer], view);
  if (tokens == 1) {
    // Heads that share a key-value head become its rows: one small matrix product in place of repeated keys.
    const at::Tensor rows = q.reshape({1, kv_heads_, heads_ / kv_heads_, head_dim_});
    return attention_.Product(rows, keys, values, view.mask).reshape({1, heads_ * head_dim_});
  }
  const at::Tensor out = attention_.Product(q.transpose(0, 1).unsqueeze(0), keys, values, view.mask, view.causality);
  return out.squeeze(0).transpose(0, 1).reshape({tokens, heads_ * head_dim_});
}

}  // namespace troupe::model
