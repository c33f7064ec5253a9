#include <cerrno>
#include <cstring>
#include <memory>

#include "router/cli/commands/command.h"
#include "router/cli/format.h"
#include "router/cli/learn_export.h"
#include "router/cli/run_folder.h"

namespace troupe::cli {
namespace {

struct LearnFlags {
  std::string data;
  std::string graph;
  std::string step;
};

Result<int64_t> Export(const LearnFlags& flags) {
  const std::filesystem::path folder = flags.data.empty() ? DefaultDataFolder() : std::filesystem::path(flags.data);
  TRY_ASSIGN(lessons::LessonFile file, lessons::LessonFile::OpenToRead(folder / lessons::kFileName));
  const auto write = [](const std::string& line) -> Status {
    if (std::fprintf(stdout, "%s\n", line.c_str()) >= 0) return {};
    return Unavailable(std::string("cannot write to standard output: ") + std::strerror(errno));
  };
  TRY_ASSIGN(const int64_t count, ExportLessons(file, flags.graph, flags.step, write));
  if (std::fflush(stdout) != 0) {
    return Unavailable(std::string("cannot write to standard output: ") + std::strerror(errno));
  }
  return count;
}

int Run(const LearnFlags& flags) {
  const auto count = Export(flags);
  if (!count) return Fail(count.error());
  std::fprintf(stderr, "%s\n", Plural(*count, "lesson").c_str());
  return kExitOk;
}

}  // namespace

void AddLearn(CLI::App& app, const Globals& globals, Action& chosen) {
  auto flags = std::make_shared<LearnFlags>();
  CLI::App* command =
      app.add_subcommand("learn", "What students were unsure of and their teachers answered, and learning from it");
  command->footer(
      "Reads the file that the router keeps beside its journal, also while it runs. Without --data: that of 'troupe "
      "up'.\n\n"
      "Example:\n"
      "  troupe learn export help-desk --step route > pairs.jsonl    what 'troupe-agent learn' trains on\n"
      "  troupe learn loop help-desk-loop.yaml                       learn, try out and promote, round after round");
  command->require_subcommand(1);
  CLI::App* action = command->add_subcommand("export", "Print the pairs of a step, a JSON object a line, to train on");
  action->fallthrough();
  action->add_option("graph", flags->graph, "The graph's name")->required()->type_name("GRAPH");
  action->add_option("--step", flags->step, "The step, by its path without rounds: handle.route")
      ->required()
      ->type_name("STEP");
  action->add_option("--data", flags->data, "The folder of the journal")->type_name("DIR");
  action->callback([&chosen, flags] { chosen = [flags] { return Run(*flags); }; });
  AddLearnLoop(*command, globals, chosen);
}

}  // namespace troupe::cli
