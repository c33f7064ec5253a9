#include <grpcpp/grpcpp.h>

#include "router/cli/commands/command.h"
#include "router/cli/terminal.h"

namespace troupe::cli {

void AddVersion(CLI::App& app, const Globals& globals, Action& chosen) {
  CLI::App* command = app.add_subcommand("version", "Print the version");
  command->callback([&globals, &chosen] {
    chosen = [&globals]() -> int {
      if (globals.json()) {
        PrintJson(stdout, Value{{"version", TROUPE_VERSION}, {"grpc", grpc::Version()}});
      } else {
        PrintText(stdout, "troupe " TROUPE_VERSION);
      }
      return kExitOk;
    };
  });
}

}  // namespace troupe::cli
