// Questions one after the other through the semantic cache: which would have been answered by an earlier one, and which
// of those wrongly. Search is exact, so that what is measured is the decision.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "router/cache/match.h"
#include "tests/bench/cache/questions.h"

namespace troupe::bench {

struct Request {
  // Of the question that answers: its score, whether its answer is right. No candidate: score below 0.
  double score = -1.0;
  bool right = false;
  // The same by plain cosine with the nearest earlier question.
  double cosine = -1.0;
  bool cosine_right = false;
  // One of those by which the defaults were tuned.
  bool tuning = false;
};

// Every earlier question may answer.
std::vector<Request> Replay(const Questions& questions, const at::Tensor& vectors);

struct Rates {
  size_t requests = 0, hits = 0, wrong = 0;
  double hit_percent() const {
    return requests == 0 ? 0.0 : 100.0 * static_cast<double>(hits) / static_cast<double>(requests);
  }
  double wrong_percent() const {
    return requests == 0 ? 0.0 : 100.0 * static_cast<double>(wrong) / static_cast<double>(requests);
  }
};

enum class By { kMatch, kCosine };
enum class Part { kAll, kHeldOut };
Rates RatesAt(const std::vector<Request>& requests, double threshold, By by, Part part = Part::kAll);

// Only what was not answered is kept, as a cache does that adds no second question to an answer.
Rates ReplayMissesOnly(const Questions& questions, const at::Tensor& vectors, double threshold);

// The 95 % interval of a share, in percent (Wilson, 1927).
std::pair<double, double> Interval(size_t count, size_t of);

}  // namespace troupe::bench
