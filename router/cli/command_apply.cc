#include <memory>

#include "router/cli/client.h"
#include "router/cli/command.h"
#include "router/cli/graph_source.h"
#include "router/cli/message_json.h"
#include "router/cli/run_folder.h"
#include "router/cli/terminal.h"

namespace troupe::cli {
namespace {

Result<v1::ApplyResponse> Apply(const Globals& globals, const std::string& path) {
  TRY_ASSIGN(const LoadedGraph loaded, LoadGoodGraph(path, graph::FilesMust::kBeNamed));
  TRY_ASSIGN(const std::string address, RouterAddress(globals.router));
  return Client(address).Apply(ToMessage(loaded.source));
}

}  // namespace

void AddApply(CLI::App& app, const Globals& globals, Action& chosen) {
  auto path = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("apply", "Hand a graph to the router: new tasks run on it");
  command->footer(
      "Checks the file here first. Tasks under way run to their end on the version they began with. The graph's "
      "agents\n"
      "must be running: 'troupe up' starts those of the graphs that it is given.\n\n"
      "Example:\n"
      "  troupe apply help-desk.yaml");
  command->add_option("file", *path, "The graph file")->required()->type_name("FILE");
  command->callback([&globals, &chosen, path] {
    chosen = [&globals, path]() -> int {
      const auto response = Apply(globals, *path);
      if (!response) return Fail(response.error());
      if (globals.json()) {
        PrintJson(stdout, ToJson(*response));
        return kExitOk;
      }
      for (const v1::Finding& warning : response->warnings()) {
        PrintText(stderr, warning.file() + ":" + std::to_string(warning.line()) + ":" +
                              std::to_string(warning.column()) + ": warning: " + warning.message());
      }
      PrintText(stdout, response->name() + ": version " + response->version().substr(0, 12) +
                            (response->changed() ? " from now on" : " as before"));
      return kExitOk;
    };
  });
}

}  // namespace troupe::cli
