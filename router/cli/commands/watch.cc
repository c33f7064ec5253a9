#include <memory>

#include "router/cli/client.h"
#include "router/cli/commands/command.h"
#include "router/cli/commands/task_end.h"
#include "router/cli/follow.h"
#include "router/cli/interrupt.h"
#include "router/cli/run_folder.h"
#include "router/cli/terminal.h"

namespace troupe::cli {
namespace {

struct WatchFlags {
  std::string task_id;
  int64_t after_sequence = 0;
  std::string detail = "text";
};

v1::Detail DetailOf(const std::string& name) {
  if (name == "result") return v1::DETAIL_RESULT;
  return name == "steps" ? v1::DETAIL_STEPS : v1::DETAIL_TEXT;
}

int Watch(const Globals& globals, const WatchFlags& flags) {
  const auto address = RouterAddress(globals.router);
  if (!address) return Fail(address.error());
  CountInterrupts();
  Client client(*address);
  FollowOptions options;
  options.show = globals.json() ? Show::kRecords : Show::kProgress;
  options.stream = stdout;
  const auto view =
      WatchAndFollow(client, SystemClock(), flags.task_id, flags.after_sequence, DetailOf(flags.detail), options);
  if (!view) return FailFollowing(view.error());
  if (!globals.json()) ShowAnswer(*view, Answer::kWithHeading);
  return ExitCodeForTask(view->error_code());
}

}  // namespace

void AddWatch(CLI::App& app, const Globals& globals, Action& chosen) {
  auto flags = std::make_shared<WatchFlags>();
  CLI::App* command = app.add_subcommand("watch", "Follow a task to its end");
  command->footer(
      "Shows what has happened so far, then what happens. A router that is started again is found again and the\n"
      "watch goes on where it was, without a gap or a repeat. Ctrl-C stops watching; the task goes on.\n"
      "With --output json every record is one line.\n\n"
      "Examples:\n"
      "  troupe watch 01938c7e-...\n"
      "  troupe watch 01938c7e-... --output json --after 12 | jq .event");
  command->add_option("task", flags->task_id, "The task's id")->required()->type_name("TASK");
  command->add_option("--after", flags->after_sequence, "Leave out the records up to this sequence number")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--detail", flags->detail, "text: everything; steps: no streamed text; result: only the end")
      ->check(CLI::IsMember({"text", "steps", "result"}))
      ->type_name("DETAIL");
  command->callback([&globals, &chosen, flags] { chosen = [&globals, flags] { return Watch(globals, *flags); }; });
}

}  // namespace troupe::cli
