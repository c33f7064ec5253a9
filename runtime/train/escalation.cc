#include "runtime/train/escalation.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "runtime/base/check.h"

namespace troupe::train {
namespace {

// The number of fewest digits above `low` and at most `high`.
double Between(double low, double high) {
  for (double scale = 1; scale <= 1e12; scale *= 10) {
    const double cut = std::floor(high * scale) / scale;
    if (cut > low && cut <= high) return cut;
  }
  return high;
}

// Of answers that begin with the least sure, when the first `asked` go to the teacher.
Escalation At(std::span<const SureAnswer> rising, size_t asked) {
  const auto own = rising.subspan(asked);
  const auto right = static_cast<double>(std::count_if(own.begin(), own.end(), [](auto& one) { return one.right; }));
  const auto all = static_cast<double>(rising.size()), by_teacher = static_cast<double>(asked);
  Escalation at{.teacher_share = by_teacher / all,
                .own_accuracy = own.empty() ? 1 : right / static_cast<double>(own.size()),
                .accuracy = (right + by_teacher) / all};
  if (own.empty()) {
    at.below = 1;
  } else if (asked > 0) {
    at.below = Between(rising[asked - 1].confidence, own.front().confidence);
  }
  return at;
}

}  // namespace

Escalation ChooseEscalation(std::span<const SureAnswer> answers, const EscalationTarget& target) {
  CHECK(!answers.empty() && target.accuracy.has_value() != target.teacher_share.has_value());
  std::vector<SureAnswer> rising(answers.begin(), answers.end());
  std::stable_sort(rising.begin(), rising.end(), [](auto& a, auto& b) { return a.confidence < b.confidence; });
  Escalation chosen = At(rising, 0);
  for (size_t asked = 1; asked <= rising.size(); ++asked) {
    if (target.accuracy && chosen.accuracy >= *target.accuracy) break;
    // equal confidences are on the same side
    if (asked < rising.size() && rising[asked].confidence == rising[asked - 1].confidence) continue;
    const Escalation next = At(rising, asked);
    if (target.teacher_share && next.teacher_share > *target.teacher_share) break;
    chosen = next;
  }
  return chosen;
}

}  // namespace troupe::train
