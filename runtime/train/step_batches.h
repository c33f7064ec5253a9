// Which texts each step of a training takes: every text once an epoch, in batches of nearly one length that differ from
// epoch to epoch (length_batches.h). What a step takes follows from the seed and its number. Owned by a training; on
// its thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace troupe::train {

class StepBatches {
 public:
  // Texts of these lengths, at least one; `batch` of them go through the model together, `accumulate` batches a step.
  StepBatches(std::vector<size_t> lengths, int64_t batch, int64_t accumulate, uint64_t seed);

  int64_t steps_per_epoch() const { return steps_per_epoch_; }
  // The batches of a step, from 1: indices of texts. Good until the next call.
  std::span<const std::vector<size_t>> Of(int64_t step);

 private:
  std::vector<size_t> lengths_;
  int64_t batch_, accumulate_;
  uint64_t seed_;
  int64_t steps_per_epoch_;
  int64_t epoch_ = -1;  // of batches_
  std::vector<std::vector<size_t>> batches_;
};

}  // namespace troupe::train
