// Whether a canary does so much worse than the current version that new tasks must not run on it. Pure.
//
// It is worse where more of its tasks fail, where its students are unsure of more of their answers (so that their
// teachers are asked more often), or where more spot checks show another answer than the teacher's: each share may be
// higher by the rule's margin. Tasks should not fail at all, so of those the margin is the whole rule. Students are
// unsure and wrong all the time, and of few answers by chance more so on one version than on another: there the
// difference must also be over the margin by more than kSureness standard errors, with a success and a failure added to
// either side (Agresti and Caffo, 2000, The American Statistician 54). Judged after each task, that sends back less
// than one in a hundred versions that are no worse, and one whose students are unsure of 41 % instead of 12 % after the
// first fifty of its answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "router/core/student_tally.h"
#include "router/rollout/rollout.h"

namespace troupe::rollout {

inline constexpr double kSureness = 1.64;

// How tasks ended; those that were cancelled say nothing about a version and are left out.
struct Tally {
  int64_t ended = 0;
  int64_t failed = 0;
  core::StudentTally students;
  Tally& operator+=(const Tally& more) {
    ended += more.ended;
    failed += more.failed;
    students += more.students;
    return *this;
  }
};

// Why it has to go, or nothing. Both are of tasks taken in since it began. Where the current version has ended none,
// it counts as without failures. Without answers of the current version's students nobody is too unsure; without spot
// checks there, it counts as if none had differed.
std::optional<std::string> WhyRollBack(const CanaryRule& rule, const Tally& on_canary, const Tally& on_current);

}  // namespace troupe::rollout
