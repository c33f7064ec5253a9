// Labelled questions in the order of their arrival, and their vectors.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::bench {

struct Questions {
  std::vector<std::string> texts;
  std::vector<std::string> labels;
};

// train.csv and test.csv of a folder, without exact repeats, shuffled by the seed.
Result<Questions> ReadQuestions(const std::string& folder, uint64_t seed);

// [texts, width] float32, of length 1; by the model in `folder`.
Result<at::Tensor> Embed(const std::string& folder, const std::vector<std::string>& texts, int threads);

}  // namespace troupe::bench
