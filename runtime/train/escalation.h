// How unsure a student may be before its teacher is asked, from what is wanted of both together. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "runtime/train/calibration.h"

namespace troupe::train {

// One of the two.
struct EscalationTarget {
  // Of all answers that are given at least so many are the teacher's or as the teacher's.
  std::optional<double> accuracy;
  // At most so many texts go to the teacher.
  std::optional<double> teacher_share;
};

struct Escalation {
  // `below` of a step's `teach`: the teacher is asked where the confidence is less.
  double below = 0;
  // Of the answers it was chosen by: the share that goes to the teacher, how many of the others are right, and how many
  // of all, the teacher's counted as right.
  double teacher_share = 0, own_accuracy = 0, accuracy = 0;
};

// The least `below` that is accurate enough, or the greatest that asks the teacher seldom enough: a number of as few
// digits as tell the last answer that is escalated from the first that is not.
Escalation ChooseEscalation(std::span<const SureAnswer> answers, const EscalationTarget& target);

}  // namespace troupe::train
