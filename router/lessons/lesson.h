// A pair of answers that a student can learn from: what it said to an input of which it was unsure, and what its
// teacher said to the same. Plain data.
#pragma once

#include <string>

#include "runtime/base/clock.h"
#include "runtime/base/value.h"

namespace troupe::lessons {

struct Lesson {
  // Together they name it: a step of a task has one teacher's answer at most.
  std::string task_id;
  std::string path;
  UnixMs time_ms = 0;
  std::string graph;
  std::string version;
  // The path without rounds, as the graph names the step: "handle.route".
  std::string step;
  Value input;
  // Agents of that version of the graph.
  std::string student;
  Value student_output;
  // How sure the student was, 0 to 1.
  double confidence = 0.0;
  std::string teacher;
  Value teacher_output;
  bool operator==(const Lesson&) const = default;
};

}  // namespace troupe::lessons
