// The skills of a graph as vectors of their examples: which skill does a vector come nearest to? Built once for a
// decompose step, read from many threads.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::decompose {

class SkillIndex {
 public:
  // `names[i]` has `counts[i]` examples (at least one); `vectors` is [sum of counts, width], in that order, each of
  // length 1. Errors: INVALID_ARGUMENT where the sizes do not fit, a skill has no example, or a vector holds NaN or
  // infinity.
  static Result<SkillIndex> Build(std::vector<std::string> names, std::span<const int> counts,
                                  std::vector<float> vectors, int width, int nearest = 3);

  struct Match {
    int skill = 0;
    // Mean cosine to the skill's `nearest` nearest examples (to all, where it has fewer).
    double score = 0.0;
  };

  // The nearest skill; the first of equals.
  Match Nearest(std::span<const float> vector) const;

  int width() const { return width_; }
  int size() const { return static_cast<int>(names_.size()); }
  const std::string& name(int skill) const { return names_[skill]; }

 private:
  SkillIndex() = default;

  static constexpr int kMostNearest = 8;

  int width_ = 0;
  int nearest_ = 0;
  std::vector<std::string> names_;
  // Row ends of the skills in vectors_, ascending.
  std::vector<int> ends_;
  std::vector<float> vectors_;
};

// Sum of products; both of one size.
float Dot(std::span<const float> a, std::span<const float> b);

}  // namespace troupe::decompose
