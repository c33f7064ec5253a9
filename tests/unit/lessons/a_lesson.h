// A lesson for tests.
#pragma once

#include <string>

#include "router/lessons/lesson.h"

namespace troupe::lessons {

inline Lesson ALesson(const std::string& task_id, UnixMs time_ms = 1000) {
  return {.task_id = task_id,
          .path = "handle[2].route",
          .time_ms = time_ms,
          .graph = "help-desk",
          .version = "v1",
          .step = "handle.route",
          .input = {{"text", "where is my card"}},
          .student = "small",
          .student_output = {{"label", "bill"}, {"score", 0.5}},
          .confidence = 0.5,
          .teacher = "big",
          .teacher_output = {{"label", "card"}, {"score", 0.9}}};
}

}  // namespace troupe::lessons
