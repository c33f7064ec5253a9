#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "router/cli/approval.h"
#include "router/cli/client.h"
#include "router/cli/commands/command.h"
#include "router/cli/message_json.h"
#include "router/cli/run_folder.h"
#include "router/cli/terminal.h"
#include "router/cli/text_width.h"
#include "router/client/state_name.h"

namespace troupe::cli {
namespace {

struct DecideFlags {
  std::string task_id;
  std::string path;
  bool approve = false;
  bool reject = false;
  std::string by;
  std::string note;
};

// Who is at the keyboard, as far as the machine knows.
std::string Me() {
  for (const char* name : {"USER", "LOGNAME"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != 0) return value;
  }
  return "uid " + std::to_string(geteuid());
}

// The only step that waits.
Result<std::string> OnlyWaiting(Client& client, const std::string& task_id) {
  TRY_ASSIGN(const v1::GetResponse task, client.Get(task_id));
  const auto& waiting = task.task().waiting();
  if (waiting.size() == 1) return waiting[0].path();
  if (waiting.empty()) {
    return FailedPrecondition("no step of task " + task_id + " waits for a person; it is " +
                              client::StateName(task.task().state()));
  }
  std::string paths;
  for (const v1::Approval& approval : waiting) paths += (paths.empty() ? "" : ", ") + approval.path();
  return Invalid("several steps wait for a person, say which one: " + paths);
}

Result<v1::DecideResponse> Decide(const Globals& globals, const DecideFlags& flags) {
  if (flags.approve == flags.reject) return Invalid("say either --approve or --reject");
  TRY_ASSIGN(const std::string address, RouterAddress(globals.router));
  Client client(address);
  v1::DecideRequest request;
  request.set_task_id(flags.task_id);
  request.set_path(flags.path);
  if (flags.path.empty()) {
    TRY_ASSIGN(*request.mutable_path(), OnlyWaiting(client, flags.task_id));
  }
  request.set_verdict(flags.approve ? v1::VERDICT_APPROVE : v1::VERDICT_REJECT);
  request.set_by(flags.by.empty() ? Me() : flags.by);
  request.set_note(flags.note);
  return client.Decide(request);
}

}  // namespace

void AddDecide(CLI::App& app, const Globals& globals, Action& chosen) {
  auto flags = std::make_shared<DecideFlags>();
  CLI::App* command = app.add_subcommand("decide", "Approve or reject what a task waits for a person to decide");
  command->footer(
      "Returns once the decision is on disk. The same decision again does no harm; another one on a step that is\n"
      "decided is refused, saying who decided and when. 'troupe list --waiting' shows what waits.\n\n"
      "Examples:\n"
      "  troupe decide 01938c7e-... --approve\n"
      "  troupe decide 01938c7e-... handle[2].refund --reject --by ann --note \"ask for the receipt first\"");
  command->add_option("task", flags->task_id, "The task's id")->required()->type_name("TASK");
  command->add_option("step", flags->path, "The step's path; the only one that waits where left out")
      ->type_name("STEP");
  command->add_flag("--approve", flags->approve, "Let it go on");
  command->add_flag("--reject", flags->reject, "Do not");
  command->add_option("--by", flags->by, "Who decides; by default who runs this")->type_name("NAME");
  command->add_option("--note", flags->note, "Why; recorded, and shown to the steps that follow")->type_name("TEXT");
  command->callback([&globals, &chosen, flags] {
    chosen = [&globals, flags]() -> int {
      const auto response = Decide(globals, *flags);
      if (!response) return Fail(response.error());
      if (globals.json()) {
        PrintJson(stdout, ToJson(*response));
      } else {
        PrintText(stdout, Neutralise(VerdictLine(response->approval()), Newlines::kFlatten));
      }
      return kExitOk;
    };
  });
}

}  // namespace troupe::cli
