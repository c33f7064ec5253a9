// `promote` and `rollback`: which version of a graph new tasks run on.
#include <memory>

#include "router/cli/client.h"
#include "router/cli/commands/command.h"
#include "router/cli/message_json.h"
#include "router/cli/run_folder.h"
#include "router/cli/terminal.h"
#include "runtime/base/digest.h"

namespace troupe::cli {
namespace {

int Promote(const Globals& globals, const v1::PromoteRequest& request) {
  const auto address = RouterAddress(globals.router);
  if (!address) return Fail(address.error());
  const auto response = Client(*address).Promote(request);
  if (!response) return Fail(response.error());
  if (globals.json()) {
    PrintJson(stdout, ToJson(*response));
  } else {
    PrintText(stdout, response->name() + ": version " + ShortDigest(response->version()) +
                          " from now on, in place of " + ShortDigest(response->previous_version()));
  }
  return kExitOk;
}

int Rollback(const Globals& globals, const v1::RollbackRequest& request) {
  const auto address = RouterAddress(globals.router);
  if (!address) return Fail(address.error());
  const auto response = Client(*address).Rollback(request);
  if (!response) return Fail(response.error());
  if (globals.json()) {
    PrintJson(stdout, ToJson(*response));
  } else {
    PrintText(stdout, response->name() + ": version " + ShortDigest(response->version()) +
                          " from now on, no new task runs on " + ShortDigest(response->rolled_back_version()));
  }
  return kExitOk;
}

}  // namespace

void AddPromote(CLI::App& app, const Globals& globals, Action& chosen) {
  auto name = std::make_shared<std::string>();
  auto version = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("promote", "Make a graph's canary the version that all new tasks run on");
  command->footer(
      "Tasks under way run to their end on the version they began with. 'troupe rollback' goes back.\n\n"
      "Examples:\n"
      "  troupe promote help-desk\n"
      "  troupe promote help-desk --version a1b2c3d4e5f6     only if that is the canary");
  command->add_option("graph", *name, "The graph's name")->required()->type_name("GRAPH");
  command->add_option("--version", *version, "The version that is meant; its first 8 digits or more will do")
      ->type_name("VERSION");
  command->callback([&globals, &chosen, name, version] {
    chosen = [&globals, name, version] {
      v1::PromoteRequest request;
      request.set_name(*name);
      request.set_version(*version);
      return Promote(globals, request);
    };
  });
}

void AddRollback(CLI::App& app, const Globals& globals, Action& chosen) {
  auto name = std::make_shared<std::string>();
  auto version = std::make_shared<std::string>();
  auto reason = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("rollback", "End a graph's canary, or go back to the version before");
  command->footer(
      "Where a canary is tried out, new tasks run on the current version alone from now on; else on the version that\n"
      "was current before. Tasks under way run to their end on the version they began with. A router that starts does\n"
      "not bring back what was rolled back; 'troupe apply' does.\n\n"
      "Examples:\n"
      "  troupe rollback help-desk --reason \"answers in the wrong language\"\n"
      "  troupe rollback help-desk --to a1b2c3d4e5f6         'troupe graphs help-desk' lists them");
  command->add_option("graph", *name, "The graph's name")->required()->type_name("GRAPH");
  command->add_option("--to", *version, "The version to go back to; its first 8 digits or more will do")
      ->type_name("VERSION");
  command->add_option("--reason", *reason, "Why, for the history (at most 500 characters)")->type_name("TEXT");
  command->callback([&globals, &chosen, name, version, reason] {
    chosen = [&globals, name, version, reason] {
      v1::RollbackRequest request;
      request.set_name(*name);
      request.set_version(*version);
      request.set_reason(*reason);
      return Rollback(globals, request);
    };
  });
}

}  // namespace troupe::cli
