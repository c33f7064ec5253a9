// Low-rank adaptation (Hu et al., 2021, arXiv:2106.09685): a decoder whose own weights stay as they are, while a
// product of two thin matrices is learnt for each linear layer and added to it. Owned by a training; on its thread.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/train/parameter.h"
#include "runtime/train/products.h"
#include "runtime/train/whole_decoder.h"

namespace troupe::train {

struct LoraOptions {
  int64_t rank = 8;
  double alpha = 16;  // products are multiplied by alpha / rank
};

class Lora {
 public:
  // For every linear layer of the decoder's layers, not for embedding and head. A is drawn by the seed, B is zeros, so
  // the decoder begins as it is.
  Lora(WholeDecoder& decoder, const LoraOptions& options, uint64_t seed);

  // Two for each matrix, by the names that adapters have (runtime/model/adapter.h).
  std::vector<Parameter> Parameters() const;
  // Puts own weights and products together, for gradients to flow into the latter.
  void Apply(WholeDecoder& decoder, Products products) const;

 private:
  struct Pair {
    at::Tensor base;  // [out, in], float32
    Parameter a, b;   // [rank, in], [out, rank]
  };

  double scale_;
  std::vector<Pair> pairs_;  // layer by layer
};

}  // namespace troupe::train
