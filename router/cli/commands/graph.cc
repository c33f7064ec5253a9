#include <fstream>
#include <memory>

#include "router/cli/commands/command.h"
#include "router/cli/graph_source.h"
#include "router/cli/terminal.h"
#include "router/graph/draw.h"

namespace troupe::cli {
namespace {

struct GraphFlags {
  std::string file;
  std::string format = "svg";
  std::string out;
};

std::string Draw(const graph::Graph& graph, const std::string& format) {
  if (format == "dot") return graph::ToDot(graph);
  return format == "mermaid" ? graph::ToMermaid(graph) : graph::ToSvg(graph);
}

Result<std::string> DrawFile(const GraphFlags& flags) {
  TRY_ASSIGN(const LoadedGraph loaded, LoadGoodGraph(flags.file, graph::FilesMust::kBeNamed));
  return Draw(*loaded.graph, flags.format);
}

Status Save(const std::string& picture, const std::string& path) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << picture;
  file.close();
  if (!file) return FailedPrecondition("cannot write " + path + "; does its folder exist?");
  return {};
}

}  // namespace

void AddGraph(CLI::App& app, const Globals& globals, Action& chosen) {
  auto flags = std::make_shared<GraphFlags>();
  CLI::App* command = app.add_subcommand("graph", "Draw a graph: who works here, and who hears whom");
  command->footer(
      "Needs no router.\n\n"
      "Examples:\n"
      "  troupe graph help-desk.yaml --format svg -o help-desk.svg\n"
      "  troupe graph help-desk.yaml --format dot | dot -Tpng > help-desk.png");
  command->add_option("file", flags->file, "The graph file")->required()->type_name("FILE");
  command->add_option("--format", flags->format, "svg, dot or mermaid")
      ->check(CLI::IsMember({"svg", "dot", "mermaid"}))
      ->type_name("FORMAT");
  command->add_option("-o,--out", flags->out, "Write it to this file instead of stdout")->type_name("FILE");
  command->callback([&globals, &chosen, flags] {
    chosen = [&globals, flags]() -> int {
      const auto picture = DrawFile(*flags);
      if (!picture) return Fail(picture.error());
      if (!flags->out.empty()) {
        const auto saved = Save(*picture, flags->out);
        if (!saved) return Fail(saved.error());
      }
      if (globals.json()) {
        Value json{{"format", flags->format}};
        json[flags->out.empty() ? "picture" : "file"] = flags->out.empty() ? *picture : flags->out;
        PrintJson(stdout, json);
      } else if (flags->out.empty()) {
        PrintText(stdout, *picture);
      }
      return kExitOk;
    };
  });
}

}  // namespace troupe::cli
