#include <memory>

#include "router/cli/commands/command.h"
#include "router/cli/commands/completion_script.h"
#include "router/cli/terminal.h"

namespace troupe::cli {

void AddCompletion(CLI::App& app, const Globals&, Action& chosen) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "Print a completion script for a shell");
  command->footer(
      "Examples:\n"
      "  source <(troupe completion bash)\n"
      "  troupe completion fish > ~/.config/fish/completions/troupe.fish");
  command->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("SHELL");
  command->callback([&app, &chosen, shell] {
    chosen = [&app, shell]() -> int {
      PrintText(stdout, CompletionScript(app, *shell));
      return kExitOk;
    };
  });
}

}  // namespace troupe::cli
