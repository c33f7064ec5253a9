// Softmax regression on vectors of texts: what a classifier needs beside an encoder.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace troupe::bench {

struct Head {
  at::Tensor weight;  // [width, labels]
  at::Tensor bias;    // [labels]
};

// Trains on `vectors` [texts, width] float32 and `labels`, one a text, in `steps` steps over all of them. Source of the
// step: Loshchilov and Hutter, 2019 (arXiv:1711.05101).
Head TrainHead(const at::Tensor& vectors, const std::vector<int64_t>& labels, int64_t count, int steps);

// Share of texts, in percent, whose label has the highest score.
double Accuracy(const Head& head, const at::Tensor& vectors, const std::vector<int64_t>& labels);

}  // namespace troupe::bench
