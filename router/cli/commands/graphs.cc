#include <memory>

#include "router/cli/client.h"
#include "router/cli/commands/command.h"
#include "router/cli/graph_tables.h"
#include "router/cli/message_json.h"
#include "router/cli/run_folder.h"
#include "router/cli/terminal.h"
#include "runtime/base/clock.h"

namespace troupe::cli {
namespace {

int Print(const Globals& globals, const google::protobuf::Message& response, const std::vector<std::string>& lines) {
  if (globals.json()) {
    PrintJson(stdout, ToJson(response));
    return kExitOk;
  }
  for (const std::string& line : lines) std::puts(line.c_str());
  return kExitOk;
}

int Graphs(const Globals& globals, const std::string& name) {
  const auto address = RouterAddress(globals.router);
  if (!address) return Fail(address.error());
  Client client(*address);
  const int width = TableWidth();
  const UnixMs now_ms = SystemClock().NowMs();
  if (name.empty()) {
    const auto graphs = client.ListGraphs();
    return graphs ? Print(globals, *graphs, RenderGraphs(*graphs, now_ms, width)) : Fail(graphs.error());
  }
  const auto versions = client.ListVersions(name);
  return versions ? Print(globals, *versions, RenderVersions(*versions, now_ms, width)) : Fail(versions.error());
}

}  // namespace

void AddGraphs(CLI::App& app, const Globals& globals, Action& chosen) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("graphs", "List the router's graphs, or one graph's versions and history");
  command->footer(
      "With a name: every version, which one is current and which one is tried out, how many tasks run on each, and\n"
      "what happened to them, with who did it where the router rolled one back by itself.\n\n"
      "Examples:\n"
      "  troupe graphs\n"
      "  troupe graphs help-desk\n"
      "  troupe graphs help-desk --output json | jq .canary.on_canary");
  command->add_option("graph", *name, "The graph's name")->type_name("GRAPH");
  command->callback([&globals, &chosen, name] { chosen = [&globals, name] { return Graphs(globals, *name); }; });
}

}  // namespace troupe::cli
