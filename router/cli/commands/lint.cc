#include <memory>

#include "router/cli/commands/command.h"
#include "router/cli/findings.h"
#include "router/cli/format.h"
#include "router/cli/graph_source.h"
#include "router/cli/terminal.h"
#include "router/graph/price.h"
#include "router/graph/worst_case.h"

namespace troupe::cli {
namespace {

Value ToJson(const LoadedGraph& loaded) {
  Value json{{"file", loaded.path}, {"ok", loaded.graph != nullptr}, {"findings", cli::ToJson(loaded.findings)}};
  if (loaded.graph) {
    const graph::WorstCase worst = graph::WorstCaseOf(*loaded.graph);
    json["graph"] = loaded.graph->name;
    json["version"] = loaded.graph->version.value;
    json["worst_case"] = {{"calls", worst.calls},         {"tokens", worst.tokens},
                          {"time_ms", worst.time_ms},     {"approvals", worst.approvals},
                          {"device_us", worst.device_us}, {"money_micros", worst.money}};
  }
  return json;
}

void Print(const LoadedGraph& loaded) {
  for (const graph::Finding& finding : loaded.findings) PrintText(stdout, kind::ToString(finding));
  if (!loaded.graph) return;
  const graph::WorstCase worst = graph::WorstCaseOf(*loaded.graph);
  std::string text = loaded.path + ": ok; a task takes at most " + Plural(worst.calls, "call");
  if (worst.tokens > 0) text += ", " + Plural(worst.tokens, "token");
  if (worst.time_ms > 0) text += ", " + FormatDuration(worst.time_ms);
  if (worst.device_us > 0) text += ", " + FormatDuration(worst.device_us / 1000) + " of device time";
  if (worst.money > 0) text += ", " + graph::FormatMicros(worst.money) + " of money";
  if (worst.approvals > 0) text += ", and waits for a person at most " + Plural(worst.approvals, "time");
  PrintText(stdout, text);
}

}  // namespace

void AddLint(CLI::App& app, const Globals& globals, Action& chosen) {
  auto paths = std::make_shared<std::vector<std::string>>();
  CLI::App* command = app.add_subcommand("lint", "Check graphs; all errors of a file in one run");
  command->footer(
      "Needs no router. Prints file:line:column: error: what is wrong, why, what to do, and exits with 2 where\n"
      "there is an error; else what a task can cost at most.\n\n"
      "Examples:\n"
      "  troupe lint help-desk.yaml\n"
      "  troupe lint graphs/*.yaml --output json");
  command->add_option("files", *paths, "Graph files")->required()->type_name("FILE");
  command->callback([&globals, &chosen, paths] {
    chosen = [&globals, paths]() -> int {
      int exit_code = kExitOk;
      Value all = Value::array();
      for (const std::string& path : *paths) {
        const LoadedGraph loaded = LoadGraphFile(path, graph::FilesMust::kBeNamed);
        if (!loaded.graph) exit_code = kExitBadInput;
        if (globals.json()) {
          all.push_back(ToJson(loaded));
        } else {
          Print(loaded);
        }
      }
      if (globals.json()) PrintJson(stdout, all);
      return exit_code;
    };
  });
}

}  // namespace troupe::cli
