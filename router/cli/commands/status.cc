#include "router/cli/client.h"
#include "router/cli/commands/command.h"
#include "router/cli/message_json.h"
#include "router/cli/run_folder.h"
#include "router/cli/status_table.h"
#include "router/cli/terminal.h"

namespace troupe::cli {
namespace {

Result<v1::ListGraphsResponse> Status(const Globals& globals) {
  TRY_ASSIGN(const std::string address, RouterAddress(globals.router));
  return Client(address).ListGraphs();
}

}  // namespace

void AddStatus(CLI::App& app, const Globals& globals, Action& chosen) {
  CLI::App* command = app.add_subcommand("status", "Show graphs and agents: ready or not, load, device, relaxed pins");
  command->footer(
      "Examples:\n"
      "  troupe status\n"
      "  troupe status --output json | jq '.graphs[].replicas[] | select(.ready | not)'");
  command->callback([&globals, &chosen] {
    chosen = [&globals]() -> int {
      const auto response = Status(globals);
      if (!response) return Fail(response.error());
      if (globals.json()) {
        PrintJson(stdout, ToJson(*response));
        return kExitOk;
      }
      for (const std::string& line : RenderStatus(*response, TableWidth())) std::puts(line.c_str());
      return kExitOk;
    };
  });
}

}  // namespace troupe::cli
