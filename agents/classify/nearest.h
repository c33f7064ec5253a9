// Classification by the nearest labelled examples (k nearest neighbours, Cover and Hart, 1967, with cosine): no
// training, a new label is a few more lines in a file.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::classify {

struct Example {
  std::string text;
  std::string label;
};

// From CSV with the columns text and label (or category). Errors: INVALID_ARGUMENT with line and reason.
Result<std::vector<Example>> ReadExamples(const std::string& csv);

struct Verdict {
  std::string label;
  // Mean cosine of the label's voters.
  float score = 0;
  // Every label among the voters, best first.
  std::vector<std::pair<std::string, float>> scores;
};

class Nearest {
 public:
  // `vectors` is [labels.size()][width], each of length 1.
  Nearest(std::vector<std::string> labels, std::vector<float> vectors, size_t width);

  // The label with the greatest sum of cosines among the k nearest; `query` is [width], of length 1. Ties go to the
  // label that comes first in the file.
  Verdict Classify(std::span<const float> query, size_t k) const;

 private:
  std::vector<std::string> labels_;
  std::vector<float> vectors_;
  size_t width_;
};

}  // namespace troupe::classify
