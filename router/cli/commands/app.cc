#include <cstdio>
#include <cstdlib>
#include <exception>

#include "router/cli/commands/command.h"
#include "router/cli/text_width.h"

namespace troupe::cli {
namespace {

constexpr const char* kAbout =
    "Troupe runs a company of small specialist models as one service: a router takes a task apart by a graph\n"
    "and sends the parts to agents.";

std::string Footer() {
  return std::string(
             "Examples:\n"
             "  troupe up help-desk.yaml                      start a router and the graph's agents\n"
             "  troupe run help-desk \"Where is my parcel?\"    hand a task in and see it done\n"
             "  troupe lint help-desk.yaml                    check a graph, nothing is started\n\n"
             "A router is looked for at --router, else $TROUPE_ROUTER, else the socket that 'troupe up' makes\n"
             "(${XDG_RUNTIME_DIR:-/tmp}/troupe-$UID/router.sock).\n\n") +
         kExitCodesHelp;
}

}  // namespace

int Fail(const Error& error) {
  std::fprintf(stderr, "troupe: error: %s\n", Neutralise(error.message, Newlines::kKeep).c_str());
  return ExitCodeFor(error.code);
}

int Main(int argc, char** argv) {
  // gRPC's own log lines are for its developers; a failed call says what it has to say
  setenv("GRPC_VERBOSITY", "NONE", 0);
  Globals globals;
  Action chosen;
  CLI::App app(kAbout, "troupe");
  app.footer(Footer());
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--router", globals.router, "The router's address: unix:/path or host:port")->type_name("ADDRESS");
  app.add_option("--output", globals.output, "How to print: text for people, json for programs")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORMAT");
  for (const auto add :
       {AddUp,     AddRun,     AddSubmit,   AddWatch,  AddGet,   AddList,    AddCancel,     AddStatus, AddApply,
        AddGraphs, AddPromote, AddRollback, AddLint,   AddGraph, AddContent, AddModels,     AddCache,  AddJournal,
        AddReplay, AddTest,    AddExplain,  AddDecide, AddLearn, AddKinds,   AddCompletion, AddVersion}) {
    add(app, globals, chosen);
  }
  for (CLI::App* command : app.get_subcommands({})) command->fallthrough();
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    std::string command;
    for (const CLI::App* used : app.get_subcommands()) command = " " + used->get_name();
    std::fprintf(stderr, "troupe: error: %s; 'troupe%s --help' shows how it is used\n",
                 Neutralise(error.what(), Newlines::kFlatten).c_str(), command.c_str());
    return kExitBadInput;
  }
  try {
    return chosen();
  } catch (const std::exception& error) {
    return Fail(Internal(std::string("unexpected: ") + error.what()));
  }
}

}  // namespace troupe::cli
