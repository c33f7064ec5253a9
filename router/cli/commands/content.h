// What the files that add the commands below `troupe content` share.
#pragma once

#include <memory>
#include <utility>

#include "router/cli/commands/command.h"
#include "router/cli/content/commands.h"

namespace troupe::cli {

inline Print HowToPrint(const Globals& globals) { return globals.json() ? Print::kJson : Print::kText; }

// A command below `content` whose options are `Flags`; one that needs a router has a `router` among them.
template <typename Flags>
std::pair<CLI::App*, std::shared_ptr<Flags>> AddBelow(CLI::App* content, const Globals& globals, Action& chosen,
                                                      const char* name, const char* about, const char* footer,
                                                      Result<int> (*act)(const Flags&, Print)) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = content->add_subcommand(name, about);
  command->fallthrough();
  command->footer(footer);
  command->callback([&globals, &chosen, flags, act] {
    chosen = [&globals, flags, act] {
      if constexpr (requires { flags->router; }) flags->router = globals.router;
      const Result<int> done = act(*flags, HowToPrint(globals));
      return done ? *done : Fail(done.error());
    };
  });
  return {command, flags};
}

// `make` and `review`.
void AddMaking(CLI::App* content, const Globals& globals, Action& chosen);

}  // namespace troupe::cli
