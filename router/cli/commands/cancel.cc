#include <memory>

#include "router/cli/client.h"
#include "router/cli/commands/command.h"
#include "router/cli/message_json.h"
#include "router/cli/run_folder.h"
#include "router/cli/terminal.h"
#include "router/client/state_name.h"

namespace troupe::cli {
namespace {

struct CancelFlags {
  std::string task_id;
  std::string reason;
};

Result<v1::CancelResponse> Cancel(const Globals& globals, const CancelFlags& flags) {
  TRY_ASSIGN(const std::string address, RouterAddress(globals.router));
  return Client(address).Cancel(flags.task_id, flags.reason);
}

}  // namespace

void AddCancel(CLI::App& app, const Globals& globals, Action& chosen) {
  auto flags = std::make_shared<CancelFlags>();
  CLI::App* command = app.add_subcommand("cancel", "Ask a task to stop");
  command->footer(
      "Returns once the request is on disk and prints the state that the task is in then; a task that has ended stays "
      "as it is.\n\n"
      "Example:\n"
      "  troupe cancel 01938c7e-... --reason \"the customer called\"");
  command->add_option("task", flags->task_id, "The task's id")->required()->type_name("TASK");
  command->add_option("--reason", flags->reason, "Why, for the task's journal")->type_name("TEXT");
  command->callback([&globals, &chosen, flags] {
    chosen = [&globals, flags]() -> int {
      const auto response = Cancel(globals, *flags);
      if (!response) return Fail(response.error());
      if (globals.json()) {
        PrintJson(stdout, ToJson(*response));
      } else {
        PrintText(stdout, client::StateName(response->state()));
      }
      return kExitOk;
    };
  });
}

}  // namespace troupe::cli
