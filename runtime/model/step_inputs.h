// What a step of fixed shape reads: tensors that stay where they are, because a recorded graph knows them by their
// addresses. They are filled on the CPU and sent in one copy for whole numbers and one for angles. Owned by StaticStep.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "runtime/model/aten_layers.h"
#include "runtime/model/decoder.h"
#include "runtime/model/step_bucket.h"

namespace troupe::model {

class StepInputs {
 public:
  // What layers with the same window see.
  struct Window {
    at::Tensor first;  // [sequences]: the position of the first token in `pages`
    at::Tensor pages;  // [sequences, pages]: ids in order
  };
  // Whole numbers are int64. All are views of what the next Send fills.
  struct Tensors {
    at::Tensor ids;      // [sequences]
    at::Tensor lengths;  // [sequences], with the new token
    at::Tensor rows;     // [sequences]: where it is kept, in a store seen as [rows, head_dim], for head 0
    std::map<int64_t, Window> windows;  // by size, 0 for all
    std::vector<at::Tensor> turns;      // one a rope, float32 [2, sequences, 1, pairs]: cosines, then sines
    int64_t numbers = 0, angles = 0;    // how many there are in all
  };

  // For buckets of at most `max_pages` pages in all, or of one sequence.
  StepInputs(const AtenLayers& layers, int64_t max_pages);

  // slices of one token each, at most bucket.sequences, none with more than bucket.pages pages up to its new token.
  // The rest of the bucket are sequences of one token that have page `spare` to themselves.
  void Send(const StepBucket& bucket, std::span<const Slice> slices, PageId spare);
  // Where the bucket's inputs lie on the device. No work of the device.
  Tensors On(const StepBucket& bucket) const { return Lay(numbers_, angles_, bucket); }

 private:
  Tensors Lay(const at::Tensor& numbers, const at::Tensor& angles, const StepBucket& bucket) const;
  void FillSequence(const Tensors& host, int64_t index, const Slice& slice, PageId spare) const;

  const ModelConfig& config_;
  const std::vector<Rope>& ropes_;
  std::set<int64_t> windows_;
  // Each as large as the largest bucket needs it; on the device, and where they are filled.
  at::Tensor numbers_, angles_, host_numbers_, host_angles_;
};

}  // namespace troupe::model
