// What students did, counted: of one task, or of all tasks of a version. Plain data.
#pragma once

#include <cstdint>

namespace troupe::core {

struct StudentTally {
  // Answers of agents that have a teacher in the step.
  int64_t answers = 0;
  // Of these, those that were unsure, whether or not their teacher could be asked.
  int64_t unsure = 0;
  // Of the sure ones, those that were checked and whose teacher has answered; of these, those to which it gave another
  // answer.
  int64_t checked = 0;
  int64_t differing = 0;

  bool operator==(const StudentTally&) const = default;
  StudentTally& operator+=(const StudentTally& more) {
    answers += more.answers;
    unsure += more.unsure;
    checked += more.checked;
    differing += more.differing;
    return *this;
  }
};

}  // namespace troupe::core
