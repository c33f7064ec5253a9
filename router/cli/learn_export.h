// Lessons as lines to train on: a text and the teacher's label for it, which `troupe-agent learn` reads, or a prompt
// and the teacher's answer, which `troupe-agent distill` reads for models that write. Pure but for `write`.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "router/lessons/lesson_file.h"

namespace troupe::cli {

// {"text": ..., "label": ..., "student_label": ...} or {"prompt": ..., "answer": ..., "student_answer": ...}, with what
// else is known: confidence, when, task, version; without a newline. A system message that the step was given comes
// first in the prompt. Errors: FAILED_PRECONDITION for steps that take and give something else.
Result<std::string> LineOf(const lessons::Lesson& lesson);

// Every lesson of the step, in the order in which they were kept; gives how many. Errors: NOT_FOUND where there are
// none, with the steps that there are some of; those of the file, of LineOf and of `write`.
Result<int64_t> ExportLessons(lessons::LessonFile& file, const std::string& graph, const std::string& step,
                              const std::function<Status(const std::string& line)>& write);

}  // namespace troupe::cli
