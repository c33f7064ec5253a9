// `learn loop`, `learn status` and `learn stop`: students that learn without a person.
#include "router/cli/learn_loop.h"

#include <filesystem>
#include <memory>

#include "router/cli/commands/command.h"
#include "router/cli/interrupt.h"
#include "router/cli/run_folder.h"
#include "router/cli/terminal.h"
#include "runtime/base/read_file.h"

namespace troupe::cli {
namespace {

namespace fs = std::filesystem;

struct LoopFlags {
  std::string file;
  std::string data;
  std::string trainer;
};

// Beside this program.
Result<fs::path> UsualTrainer() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (error) return Internal("cannot find out where troupe itself is: " + error.message());
  return self.parent_path() / "troupe-agent";
}

Status Loop(const Globals& globals, const LoopFlags& flags) {
  constexpr size_t kMaxBytes = 1u << 20;
  const Result<std::string> yaml = ReadFile(flags.file, kMaxBytes);
  if (!yaml) return Error{yaml.error().code, flags.file + ": " + yaml.error().message};
  LoopOptions options;
  TRY_ASSIGN(options.tools.spec,
             learn::ParseLoopSpec(*yaml, flags.file, fs::absolute(flags.file).parent_path().lexically_normal()));
  options.tools.data_folder = flags.data.empty() ? DefaultDataFolder() : fs::path(flags.data);
  options.tools.trainer = flags.trainer;
  if (flags.trainer.empty()) {
    TRY_ASSIGN(options.tools.trainer, UsualTrainer());
  }
  TRY_ASSIGN(options.router, RouterAddress(globals.router));
  CountInterrupts();
  options.tools.stopped = [] { return Interrupts() > 0; };
  options.say = [](const std::string& line) { PrintText(stderr, line); };
  options.say("learning in " + options.tools.spec.folder.string() +
              "; ctrl-C stops, and it goes on when started again");
  return RunLoop(std::move(options));
}

int ShowStatus(const std::string& folder) {
  const auto state = learn::ReadRounds(folder);
  if (!state) return Fail(state.error());
  for (const std::string& line : RenderRounds(*state, TableWidth())) PrintText(stdout, line);
  PrintText(stdout, learn::IsLooping(folder) ? "a loop runs there" : "no loop runs there now");
  return kExitOk;
}

int ExitOf(const Status& done) { return done ? static_cast<int>(kExitOk) : Fail(done.error()); }

}  // namespace

void AddLearnLoop(CLI::App& learn, const Globals& globals, Action& chosen) {
  auto flags = std::make_shared<LoopFlags>();
  CLI::App* loop = learn.add_subcommand("loop", "Let a student learn round after round, each tried out as a canary");
  loop->footer(R"(A loop:

  apiVersion: troupe.dev/v1
  kind: LearnLoop
  metadata: {name: bank-route}
  spec:
    graph: bank                   # as the router knows it
    step: route                   # its student learns; the step says check: 2% or more
    recipe: learn.yaml            # a LearnRecipe; its student and lessons are filled in
    folder: students              # rounds, models, and what happened
    every: 200                    # new lessons for a round
    canary: {percent: 20, minTasks: 50, unsureMargin: 10, differingMargin: 10, minChecks: 20}
    promoteAfter: 500             # tasks on the canary, and minTasks answers and minChecks spot checks

Where enough lessons are there, 'troupe-agent learn' trains. What its gate refuses is noted, and more lessons are waited
for. What passes becomes a version of the graph with the new model and its 'below' under another agent's name, is tried
out, and is promoted where the router has not gone back from it by then. 'troupe up' starts its agents. The loop may be
killed at any moment: started again it goes on.

  troupe learn loop bank-loop.yaml
  troupe learn status students)");
  loop->fallthrough();
  loop->add_option("file", flags->file, "The loop's file")->required()->type_name("LOOP.yaml");
  loop->add_option("--data", flags->data, "The folder of the journal")->type_name("DIR");
  loop->add_option("--trainer", flags->trainer, "The program that trains (default: troupe-agent beside this one)")
      ->type_name("FILE");
  loop->callback([&globals, &chosen, flags] { chosen = [&globals, flags] { return ExitOf(Loop(globals, *flags)); }; });

  auto folder = std::make_shared<std::string>();
  CLI::App* status =
      learn.add_subcommand("status", "What a loop has done: lessons, gate, canary and outcome of each round");
  status->fallthrough();
  status->add_option("folder", *folder, "The loop's folder")->required()->type_name("FOLDER");
  status->callback([&chosen, folder] { chosen = [folder] { return ShowStatus(*folder); }; });

  CLI::App* stop = learn.add_subcommand("stop", "End a loop as ctrl-C does; its canary, if there is one, goes on");
  stop->fallthrough();
  stop->add_option("folder", *folder, "The loop's folder")->required()->type_name("FOLDER");
  stop->callback([&chosen, folder] { chosen = [folder] { return ExitOf(learn::RequestStop(*folder)); }; });
}

}  // namespace troupe::cli
