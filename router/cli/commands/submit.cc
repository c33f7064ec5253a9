#include <memory>

#include "router/cli/client.h"
#include "router/cli/commands/command.h"
#include "router/cli/commands/task_flags.h"
#include "router/cli/graph_source.h"
#include "router/cli/message_json.h"
#include "router/cli/run_folder.h"
#include "router/cli/terminal.h"

namespace troupe::cli {
namespace {

Result<v1::SubmitResponse> Submit(const Globals& globals, const TaskFlags& flags) {
  TRY_ASSIGN(const std::string address, RouterAddress(globals.router));
  Client client(address);
  TRY_ASSIGN(const v1::SubmitRequest request, BuildSubmit(client, flags));
  return client.Submit(request);
}

}  // namespace

void AddSubmit(CLI::App& app, const Globals& globals, Action& chosen) {
  auto flags = std::make_shared<TaskFlags>();
  CLI::App* command = app.add_subcommand("submit", "Hand a task in and return at once with its id");
  command->footer(
      "Once it has returned, the task survives any crash.\n\n"
      "Examples:\n"
      "  troupe submit help-desk \"Where is my parcel?\"\n"
      "  troupe submit help-desk --input @message.json --request-id order-1207 --label customer=42\n"
      "  id=$(troupe submit help-desk - < message.txt) && troupe watch $id");
  command->add_option("graph", flags->graph, "The graph's name")->required()->type_name("GRAPH");
  AddTaskFlags(*command, *flags);
  command->callback([&globals, &chosen, flags] {
    chosen = [&globals, flags]() -> int {
      const auto response = Submit(globals, *flags);
      if (!response) return Fail(response.error());
      if (globals.json()) {
        PrintJson(stdout, ToJson(*response));
      } else {
        PrintText(stdout, response->task_id());
      }
      return kExitOk;
    };
  });
}

}  // namespace troupe::cli
