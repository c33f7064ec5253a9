// Lessons as lines that `troupe-agent learn` reads: a text, and the teacher's label for it. Pure but for `write`.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "router/lessons/lesson_file.h"

namespace troupe::cli {

// {"text": ..., "label": ..., and what else is known: student's label, confidence, when, task, version}, without a
// newline. Errors: FAILED_PRECONDITION where the input has no `text` or the teacher's output no `label`.
Result<std::string> LineOf(const lessons::Lesson& lesson);

// Every lesson of the step, in the order in which they were kept; gives how many. Errors: NOT_FOUND where there are
// none, with the steps that there are some of; those of the file, of LineOf and of `write`.
Result<int64_t> ExportLessons(lessons::LessonFile& file, const std::string& graph, const std::string& step,
                              const std::function<Status(const std::string& line)>& write);

}  // namespace troupe::cli
