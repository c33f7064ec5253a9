// A matrix on a grid in training. Its values are always on the grid; gradients reach what lies behind: for every code a
// number that is rounded to it (straight through: Bengio et al., 2013, arXiv:1308.3432), and the scales (Esser et al.,
// 2019, arXiv:1902.08153). Numbers are in codes and scales are relative, so one rate fits all layers.
//
// Steps are AdamW's (Loshchilov and Hutter, 2017, arXiv:1711.05101) without decay, with the whole matrix' second moment
// beside each number's own, so that numbers that hardly matter hardly move. Owned by the training loop, on its thread;
// torch's threads help.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "runtime/kernels/grid.h"

namespace troupe::quantize {

struct StepRates {
  double code = 0;   // how far a number moves at most, in codes
  double scale = 0;  // how far a scale moves at most, as a share of it
};

class TrainedGrid {
 public:
  // `start` is symmetric. `full` [rows, columns], float32, is what it was made of: each number begins on that side
  // of the code that it has. Values come in `dtype`, float32 or bfloat16.
  TrainedGrid(kernels::Grid start, const at::Tensor& full, c10::ScalarType dtype);

  // [rows, columns], a leaf that asks for its gradient; the same tensor for ever, its content new after each Step.
  const at::Tensor& values() const { return values_; }
  // Goes one step down the values' gradient, which is gone then. `number` is the step's, from 1.
  void Step(const StepRates& rates, int64_t number);
  kernels::Grid grid() const;

 private:
  struct ScaleMoments {
    float square_of_numbers = 0;  // mean of their second moments
    float first = 0, second = 0;
  };
  template <typename T>
  void Gather(const T* gradient);
  template <typename T>
  void Move(T* values, const StepRates& rates, int64_t number);
  template <typename T>
  void WriteValues(T* values);

  kernels::Grid grid_;                 // codes as they are now; its scales are those below, rounded
  std::vector<float> numbers_;         // [rows, columns], in codes from the middle
  std::vector<float> first_, second_;  // [rows, columns], moments
  std::vector<float> scales_;          // [rows, groups]
  std::vector<ScaleMoments> moments_;  // [rows, groups]
  at::Tensor values_;
};

}  // namespace troupe::quantize
