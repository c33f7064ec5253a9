#include <memory>

#include "router/cli/client.h"
#include "router/cli/commands/command.h"
#include "router/cli/message_json.h"
#include "router/cli/run_folder.h"
#include "router/cli/task_page.h"
#include "router/cli/terminal.h"
#include "router/cli/timeline.h"

namespace troupe::cli {
namespace {

struct GetFlags {
  std::string task_id;
  bool prompts = false;
  std::string timeline;
};

Result<v1::GetResponse> Get(const Globals& globals, const GetFlags& flags) {
  TRY_ASSIGN(const std::string address, RouterAddress(globals.router));
  return Client(address).Get(flags.task_id);
}

}  // namespace

void AddGet(CLI::App& app, const Globals& globals, Action& chosen) {
  auto flags = std::make_shared<GetFlags>();
  CLI::App* command = app.add_subcommand("get", "Show a task: its steps, who did them and why, what they cost");
  command->footer(
      "Examples:\n"
      "  troupe get 01938c7e-...                       every step with its replica and the reason for it\n"
      "  troupe get 01938c7e-... --prompts             the rendered prompts and what came back, whole\n"
      "  troupe get 01938c7e-... --timeline task.svg   a picture of when each step ran");
  command->add_option("task", flags->task_id, "The task's id")->required()->type_name("TASK");
  command->add_flag("--prompts", flags->prompts, "Show rendered inputs and outputs whole");
  command->add_option("--timeline", flags->timeline, "Write a picture of the task's steps over time")
      ->type_name("FILE.svg");
  command->callback([&globals, &chosen, flags] {
    chosen = [&globals, flags]() -> int {
      const auto response = Get(globals, *flags);
      if (!response) return Fail(response.error());
      if (!flags->timeline.empty()) {
        const auto written = WriteTimeline(*response, flags->timeline);
        if (!written) return Fail(written.error());
      }
      if (globals.json()) {
        PrintJson(stdout, ToJson(*response));
        return kExitOk;
      }
      const Prompts prompts = flags->prompts ? Prompts::kWhole : Prompts::kFirstLine;
      ScreenStyle style = StyleOf(stdout);
      style.router = RouterFlagFor(globals.router);
      for (const std::string& line : RenderTaskPage(*response, style, prompts)) std::puts(line.c_str());
      return kExitOk;
    };
  });
}

}  // namespace troupe::cli
