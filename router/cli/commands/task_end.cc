#include "router/cli/commands/task_end.h"

#include "router/cli/commands/command.h"
#include "router/cli/screen.h"
#include "router/cli/terminal.h"

namespace troupe::cli {

void ShowAnswer(const TaskView& view, Answer answer) {
  if (view.state() == v1::TASK_STATE_DONE) {
    const std::string text = AnswerText(view.output());
    if (answer == Answer::kWithHeading) std::fputs("\n", stdout);
    PrintText(stdout, text);
    return;
  }
  Error error{static_cast<Code>(view.error_code()), "the task "};
  error.message += view.state() == v1::TASK_STATE_CANCELLED ? "was cancelled" : "failed";
  if (!view.error_path().empty()) error.message += " at " + view.error_path();
  if (!view.error_message().empty()) error.message += ": " + view.error_message();
  error.message += "; 'troupe get " + view.task_id() + "' shows its steps";
  (void)Fail(error);
}

int FailFollowing(const Error& error) {
  const int code = Fail(error);
  return error.code == Code::kCancelled ? kExitInterrupted : code;
}

}  // namespace troupe::cli
