#include "runtime/train/step_batches.h"

#include <algorithm>

#include "runtime/base/check.h"
#include "runtime/train/length_batches.h"
#include "runtime/train/shuffle.h"

namespace troupe::train {
namespace {

constexpr uint64_t kOrder = 1;  // what a seed is drawn for

int64_t Parts(int64_t whole, int64_t part) { return (whole + part - 1) / part; }

}  // namespace

StepBatches::StepBatches(std::vector<size_t> lengths, int64_t batch, int64_t accumulate, uint64_t seed)
    : lengths_(std::move(lengths)),
      batch_(batch),
      accumulate_(accumulate),
      seed_(SeedFor(seed, kOrder)),
      steps_per_epoch_(Parts(Parts(static_cast<int64_t>(lengths_.size()), batch), accumulate)) {
  CHECK(!lengths_.empty());
}

std::span<const std::vector<size_t>> StepBatches::Of(int64_t step) {
  const int64_t epoch = (step - 1) / steps_per_epoch_;
  if (epoch != epoch_) {
    batches_ = LengthBatches(lengths_, static_cast<size_t>(batch_), SeedFor(seed_, static_cast<uint64_t>(epoch)));
    epoch_ = epoch;
  }
  const auto first = static_cast<size_t>((step - 1) % steps_per_epoch_ * accumulate_);
  return std::span(batches_).subspan(first, std::min(static_cast<size_t>(accumulate_), batches_.size() - first));
}

}  // namespace troupe::train
