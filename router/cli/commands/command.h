// One function for each command: it adds its options and its help to the command line, and says what to do when it is
// chosen. The work itself is done after the whole line has been read, by the returned action's exit code.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "router/cli/exit_code.h"
#include "runtime/base/error.h"

namespace troupe::cli {

// Options that every command takes.
struct Globals {
  std::string router;
  // "text" or "json".
  std::string output = "text";
  bool json() const { return output == "json"; }
};

// What the chosen command does; returns an exit code.
using Action = std::function<int()>;

void AddUp(CLI::App& app, const Globals& globals, Action& chosen);
void AddRun(CLI::App& app, const Globals& globals, Action& chosen);
void AddSubmit(CLI::App& app, const Globals& globals, Action& chosen);
void AddWatch(CLI::App& app, const Globals& globals, Action& chosen);
void AddGet(CLI::App& app, const Globals& globals, Action& chosen);
void AddList(CLI::App& app, const Globals& globals, Action& chosen);
void AddDecide(CLI::App& app, const Globals& globals, Action& chosen);
void AddCancel(CLI::App& app, const Globals& globals, Action& chosen);
void AddTest(CLI::App& app, const Globals& globals, Action& chosen);
void AddStatus(CLI::App& app, const Globals& globals, Action& chosen);
void AddApply(CLI::App& app, const Globals& globals, Action& chosen);
void AddGraphs(CLI::App& app, const Globals& globals, Action& chosen);
void AddPromote(CLI::App& app, const Globals& globals, Action& chosen);
void AddRollback(CLI::App& app, const Globals& globals, Action& chosen);
void AddCache(CLI::App& app, const Globals& globals, Action& chosen);
void AddReplay(CLI::App& app, const Globals& globals, Action& chosen);
void AddExplain(CLI::App& app, const Globals& globals, Action& chosen);
void AddLint(CLI::App& app, const Globals& globals, Action& chosen);
void AddGraph(CLI::App& app, const Globals& globals, Action& chosen);
void AddContent(CLI::App& app, const Globals& globals, Action& chosen);
void AddModels(CLI::App& app, const Globals& globals, Action& chosen);
void AddJournal(CLI::App& app, const Globals& globals, Action& chosen);
void AddLearn(CLI::App& app, const Globals& globals, Action& chosen);
// Below `learn`.
void AddLearnLoop(CLI::App& learn, const Globals& globals, Action& chosen);
void AddKinds(CLI::App& app, const Globals& globals, Action& chosen);
void AddCompletion(CLI::App& app, const Globals& globals, Action& chosen);
void AddVersion(CLI::App& app, const Globals& globals, Action& chosen);

// The whole command line; the binary is this and nothing else.
int Main(int argc, char** argv);

// Says "troupe: error: ..." on stderr; the exit code for it.
int Fail(const Error& error);

}  // namespace troupe::cli
