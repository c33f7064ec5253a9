// What is said once a task has ended or its following broke off: the answer on stdout, the reason on stderr.
#pragma once

#include "router/cli/task_view.h"
#include "runtime/base/error.h"

namespace troupe::cli {

enum class Answer {
  kAlone,        // nothing but the answer
  kWithHeading,  // an empty line before it
};

// Prints the output of a task that is done, or says on stderr why there is none.
void ShowAnswer(const TaskView& view, Answer answer);

// Says the error; the exit code, which is 130 where ctrl-C left.
int FailFollowing(const Error& error);

}  // namespace troupe::cli
