#include <fstream>
#include <iterator>
#include <memory>
#include <regex>
#include <utility>

#include "router/cli/commands/command.h"
#include "router/cli/commands/up_flags.h"
#include "router/cli/graph_source.h"
#include "router/cli/interrupt.h"
#include "router/cli/rehearse.h"
#include "router/cli/terminal.h"
#include "router/cli/text_width.h"

namespace troupe::cli {
namespace {

struct TestFlags {
  std::string graph;
  std::string cases;
  std::string only;
  std::string junit;
  bool scripted_only = false;
  int parallel = 8;
  UpOptions up;
};

Result<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return NotFound("no file " + path + " with cases; name another one with --cases");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return text;
}

// The cases that are to run. Errors: INVALID_ARGUMENT with all findings, or where --only leaves none.
Result<rehearsal::Suite> ReadCases(const TestFlags& flags, const graph::Graph& graph) {
  const std::string path = flags.cases.empty() ? rehearsal::DefaultSuitePath(flags.graph) : flags.cases;
  TRY_ASSIGN(const std::string text, ReadFile(path));
  kind::Findings findings;
  rehearsal::Suite suite = rehearsal::ReadSuite(text, path, graph, findings);
  if (findings.HasErrors()) {
    std::string message = path + " is no file of cases that can run:\n" + graph::ToString(findings.Take(path));
    while (message.ends_with('\n')) message.pop_back();
    return Invalid(std::move(message));
  }
  if (flags.only.empty()) return suite;
  try {
    const std::regex only(flags.only, std::regex::ECMAScript);
    std::erase_if(suite.cases, [&](const rehearsal::Case& one) { return !std::regex_search(one.name, only); });
  } catch (const std::regex_error& failed) {
    return Invalid("--only '" + flags.only + "' is no regular expression (ECMAScript): " + failed.what());
  }
  if (suite.cases.empty()) return Invalid("--only '" + flags.only + "' fits the name of no case in " + path);
  return suite;
}

void Show(const rehearsal::CaseResult& result) {
  using Outcome = rehearsal::CaseResult::Outcome;
  const bool terminal = IsTerminal(stdout);
  const bool colour = terminal && StyleOf(stdout).colour;
  bool first = true;
  for (std::string line : rehearsal::RenderCase(result)) {
    // what a model wrote must not steer the terminal
    if (terminal) line = Neutralise(line, Newlines::kKeep);
    if (colour && std::exchange(first, false)) {
      const char* code = result.outcome == Outcome::kPassed ? "32" : result.outcome == Outcome::kFailed ? "31" : "33";
      const size_t end = line.find(' ');
      line = "\x1b[" + std::string(code) + "m" + line.substr(0, end) + "\x1b[0m" + line.substr(end);
    }
    std::fputs((line + "\n").c_str(), stdout);
  }
  std::fflush(stdout);
}

Status WriteJunit(const rehearsal::SuiteResult& result, const std::string& path) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << rehearsal::ToJunit(result);
  file.close();
  if (!file) return FailedPrecondition("cannot write " + path + "; does its folder exist?");
  return {};
}

int Test(const Globals& globals, const TestFlags& flags) {
  CountInterrupts();
  const auto loaded = LoadGoodGraph(flags.graph, graph::FilesMust::kBeNamed);
  if (!loaded) return Fail(loaded.error());
  const auto suite = ReadCases(flags, *loaded->graph);
  if (!suite) return Fail(suite.error());
  RehearsalOptions options;
  options.real_agents = flags.scripted_only ? RealAgents::kSkipTheirCases : RealAgents::kStart;
  options.up = flags.up;
  options.parallel = flags.parallel;
  options.on_result = [&globals](const rehearsal::CaseResult& result) {
    if (!globals.json()) Show(result);
  };
  options.say = [&globals](const std::string& line) {
    if (!globals.json()) PrintText(stderr, line);
  };
  const auto result = Rehearse(*loaded, *suite, options);
  if (!result) {
    const int exit_code = Fail(result.error());
    if (result.error().code == Code::kCancelled) return kExitInterrupted;
    return result.error().code == Code::kInternal ? static_cast<int>(kExitUpFailed) : exit_code;
  }
  if (!flags.junit.empty()) {
    const Status written = WriteJunit(*result, flags.junit);
    if (!written) return Fail(written.error());
  }
  if (globals.json()) {
    PrintJson(stdout, rehearsal::ToJson(*result));
  } else {
    PrintText(stdout, rehearsal::RenderSummary(*result));
  }
  return result->Count(rehearsal::CaseResult::Outcome::kFailed) > 0 ? kExitTaskFailed : kExitOk;
}

}  // namespace

void AddTest(CLI::App& app, const Globals& globals, Action& chosen) {
  auto flags = std::make_shared<TestFlags>();
  CLI::App* command = app.add_subcommand("test", "Run a graph's cases, with stand-ins for some or all of its agents");
  command->footer(
      "Cases are in GRAPH.test.yaml beside the graph, or in --cases: what is handed in, what the agents say in place\n"
      "of models, and what is expected of route, output and cost. A router and the agents that no case stands in for\n"
      "are started in a folder of their own; cases without real agents need no model and take milliseconds.\n\n"
      "Exit codes: 0 all passed, 1 a case failed, 2 the graph, the cases or a model are wrong, 4 no such file,\n"
      "7 a process does not start.\n\n"
      "Examples:\n"
      "  troupe test help-desk.yaml\n"
      "  troupe test help-desk.yaml --only 'late|refund' --output json\n"
      "  troupe test help-desk.yaml --scripted-only --junit build/help-desk.xml");
  command->add_option("graph", flags->graph, "The graph's file")->required()->type_name("GRAPH.yaml");
  command->add_option("--cases", flags->cases, "The file of cases (default: GRAPH.test.yaml)")->type_name("FILE");
  command->add_option("--only", flags->only, "Only cases whose name matches (ECMAScript)")->type_name("REGEX");
  command->add_option("--junit", flags->junit, "Write the results as JUnit XML too")->type_name("FILE");
  command->add_flag("--scripted-only", flags->scripted_only, "Skip cases that need real agents");
  command->add_option("--parallel", flags->parallel, "Cases side by side; of those with real agents one at a time")
      ->check(CLI::Range(1, 64))
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--cores", flags->up.cores, "Cores for real agents (default: all that are granted)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  command->add_flag("--relax-pins", flags->up.relax_pins, "Run real agents on what is here where their GPU is not");
  command->callback([&globals, &chosen, flags] { chosen = [&globals, flags] { return Test(globals, *flags); }; });
}

}  // namespace troupe::cli
