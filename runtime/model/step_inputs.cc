#include "runtime/model/step_inputs.h"

#include <ATen/core/TensorBody.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <array>

#include "runtime/base/check.h"

namespace troupe::model {
namespace {

// Cuts tensors off a longer one, one after the other.
class Cutter {
 public:
  explicit Cutter(const at::Tensor& whole) : whole_(whole) {}

  at::Tensor Next(at::IntArrayRef shape) {
    int64_t size = 1;
    for (const int64_t length : shape) size *= length;
    const at::Tensor part = whole_.narrow(0, used_, size).view(shape);
    used_ += size;
    return part;
  }
  int64_t used() const { return used_; }

 private:
  const at::Tensor& whole_;
  int64_t used_ = 0;
};

// Pages that a table for the window needs: what is seen may begin and end within a page.
int64_t PagesSeen(int64_t window, int64_t pages) { return window == 0 ? pages : std::min(pages, PagesFor(window) + 1); }

at::Tensor HostTensor(int64_t size, c10::ScalarType dtype, c10::Device device) {
  // Pinned where a device copies from it, or the copy would wait.
  return at::empty({size}, at::TensorOptions().dtype(dtype).pinned_memory(device.is_cuda()));
}

}  // namespace

StepInputs::StepInputs(const AtenLayers& layers, int64_t max_pages) : config_(layers.config()), ropes_(layers.ropes()) {
  for (const DecoderLayer& layer : config_.decoder.layers) windows_.insert(layer.window);
  const int64_t longest = BucketFor(1, PagesFor(config_.max_positions), max_pages).pages;
  const auto windows = static_cast<int64_t>(windows_.size());
  const int64_t numbers = (3 + windows) * kMaxStepSequences + windows * std::max(max_pages, longest);
  int64_t angles = 0;
  for (const Rope& rope : ropes_) angles += 2 * kMaxStepSequences * rope.pairs();
  const c10::Device device = layers.placement().device;
  numbers_ = at::empty({numbers}, at::TensorOptions().dtype(at::kLong).device(device));
  angles_ = at::empty({angles}, at::TensorOptions().dtype(at::kFloat).device(device));
  host_numbers_ = HostTensor(numbers, at::kLong, device);
  host_angles_ = HostTensor(angles, at::kFloat, device);
}

StepInputs::Tensors StepInputs::Lay(const at::Tensor& numbers, const at::Tensor& angles,
                                    const StepBucket& bucket) const {
  const int64_t n = bucket.sequences;
  Cutter next(numbers);
  Tensors tensors{next.Next({n}), next.Next({n}), next.Next({n})};
  for (const int64_t window : windows_) {
    tensors.windows[window] = {next.Next({n}), next.Next({n, PagesSeen(window, bucket.pages)})};
  }
  Cutter next_angles(angles);
  for (const Rope& rope : ropes_) tensors.turns.push_back(next_angles.Next({2, n, 1, rope.pairs()}));
  tensors.numbers = next.used();
  tensors.angles = next_angles.used();
  return tensors;
}

void StepInputs::FillSequence(const Tensors& host, int64_t index, const Slice& slice, PageId spare) const {
  const int64_t length = slice.length + 1;
  const int64_t page = slice.pages[static_cast<size_t>(slice.length / kPageTokens)];
  host.ids.data_ptr<int64_t>()[index] = slice.tokens[0];
  host.lengths.data_ptr<int64_t>()[index] = length;
  host.rows.data_ptr<int64_t>()[index] = page * config_.kv_heads * kPageTokens + slice.length % kPageTokens;
  for (const auto& [size, window] : host.windows) {
    const int64_t first = size == 0 ? 0 : std::max<int64_t>(0, length - size) / kPageTokens;
    const int64_t held = PagesFor(length) - first;
    const int64_t room = window.pages.size(1);
    CHECK(held <= room);
    int64_t* ids = window.pages.data_ptr<int64_t>() + index * room;
    window.first.data_ptr<int64_t>()[index] = first * kPageTokens;
    std::copy_n(slice.pages.begin() + first, held, ids);
    std::fill_n(ids + held, room - held, spare);
  }
  for (size_t i = 0; i < ropes_.size(); ++i) {
    const int64_t pairs = ropes_[i].pairs();
    auto* cosines = host.turns[i].data_ptr<float>() + index * pairs;
    ropes_[i].Fill(slice.length, 1, length + slice.ahead, cosines, cosines + host.turns[i].size(1) * pairs);
  }
}

void StepInputs::Send(const StepBucket& bucket, std::span<const Slice> slices, PageId spare) {
  CHECK(static_cast<int64_t>(slices.size()) <= bucket.sequences);
  const Tensors host = Lay(host_numbers_, host_angles_, bucket);
  const std::array<int32_t, 1> token{0};
  const std::array<PageId, 1> page{spare};
  const Slice padding{token, page};
  for (int64_t i = 0; i < bucket.sequences; ++i) {
    const auto index = static_cast<size_t>(i);
    FillSequence(host, i, index < slices.size() ? slices[index] : padding, spare);
  }
  const bool non_blocking = true;  // whoever reads the step's logits waits for both copies
  numbers_.narrow(0, 0, host.numbers).copy_(host_numbers_.narrow(0, 0, host.numbers), non_blocking);
  angles_.narrow(0, 0, host.angles).copy_(host_angles_.narrow(0, 0, host.angles), non_blocking);
}

}  // namespace troupe::model
