#include "router/decompose/skill_index.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

namespace troupe::decompose {

float Dot(std::span<const float> a, std::span<const float> b) {
  // Independent lanes: the compiler may not reorder one float sum, but it can put these in one register.
  constexpr size_t kLanes = 16;
  std::array<float, kLanes> lanes{};
  const size_t size = std::min(a.size(), b.size());
  size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += a[i + lane] * b[i + lane];
  }
  float sum = 0.0f;
  for (; i < size; ++i) sum += a[i] * b[i];
  for (float lane : lanes) sum += lane;
  return sum;
}

Result<SkillIndex> SkillIndex::Build(std::vector<std::string> names, std::span<const int> counts,
                                     std::vector<float> vectors, int width, int nearest) {
  if (names.empty()) return Invalid("decompose: there are no skills; give at least one skill with an example");
  if (width <= 0) return Invalid("decompose: the vectors of the skills' examples have no width");
  if (counts.size() != names.size()) return Invalid("decompose: one example count for each skill is needed");
  SkillIndex index;
  int64_t rows = 0;
  for (size_t i = 0; i < names.size(); ++i) {
    if (counts[i] <= 0) return Invalid("decompose: skill '" + names[i] + "' has no examples; give it at least one");
    rows += counts[i];
    if (static_cast<uint64_t>(rows) > vectors.size() / width) break;
    index.ends_.push_back(static_cast<int>(rows));
  }
  if (static_cast<uint64_t>(rows) * width != vectors.size()) {
    return Invalid("decompose: the embedding agent gave " + std::to_string(vectors.size()) + " numbers where " +
                   std::to_string(rows) + " vectors of " + std::to_string(width) + " were expected");
  }
  if (!std::ranges::all_of(vectors, [](float v) { return std::isfinite(v); })) {
    return Invalid("decompose: a vector of a skill's example holds NaN or infinity; check the embedding model");
  }
  index.width_ = width;
  index.nearest_ = std::clamp(nearest, 1, kMostNearest);
  index.names_ = std::move(names);
  index.vectors_ = std::move(vectors);
  return index;
}

SkillIndex::Match SkillIndex::Nearest(std::span<const float> vector) const {
  Match best{.skill = 0, .score = -2.0};
  int row = 0;
  for (int skill = 0; skill < size(); ++skill) {
    std::array<float, kMostNearest> top;
    top.fill(-2.0f);
    const int count = std::min(nearest_, ends_[skill] - row);
    for (; row < ends_[skill]; ++row) {
      float score = Dot(vector, std::span(vectors_).subspan(static_cast<size_t>(row) * width_, width_));
      for (int i = 0; i < count; ++i) {
        if (score > top[i]) std::swap(score, top[i]);
      }
    }
    double sum = 0.0;
    for (int i = 0; i < count; ++i) sum += top[i];
    if (sum / count > best.score) best = {.skill = skill, .score = sum / count};
  }
  return best;
}

}  // namespace troupe::decompose
