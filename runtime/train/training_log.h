// What a run of training has seen so far: what its checkpoint keeps beside tensors, and what its card and chart show.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/value.h"

namespace troupe::train {

// How well texts with labels are told apart.
struct Grade {
  double accuracy = 0;  // 0 to 1
  double loss = 0;      // mean cross-entropy, nats

  // More texts right; where as many, surer.
  bool IsBetterThan(const Grade& other) const;
};

struct Check {
  int64_t step = 0;
  Grade grade;  // of the texts held out
};

struct TrainingLog {
  std::vector<double> losses;  // one a step, before it
  std::vector<Check> checks;
  // Index of the best check, the first where several are; -1 before there is one.
  int64_t best = -1;

  // There is at least one check.
  const Check& best_check() const { return checks.at(static_cast<size_t>(best)); }

  // Whether the new check is the best one.
  bool Add(Check check);

  Value ToValue() const;
  // Errors: INVALID_ARGUMENT for what ToValue does not give.
  static Result<TrainingLog> From(const Value& value);
};

}  // namespace troupe::train
