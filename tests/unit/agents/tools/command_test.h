// Commands of troupe-agent as a user gives them, in a folder of their own.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/value.h"
#include "tests/support/temp_folder.h"
#include "tests/unit/agents/tiny_models.h"

namespace troupe::tools {

class CommandTest : public host::TinyModelTest {
 protected:
  std::filesystem::path Path(const std::string& name) const { return temp_.path / name; }

  // Command::Run of `name RECIPE OUT FLAGS`, with a recipe of that kind and spec.
  template <typename Command>
  decltype(std::declval<const Command&>().Run()) RunCommand(const std::string& name, const std::string& kind,
                                                            const std::string& spec, const std::string& out,
                                                            const std::vector<std::string>& flags = {}) const {
    WriteAll(Path("recipe.yaml"),
             "apiVersion: troupe.dev/v1\nkind: " + kind + "\nmetadata: {name: made-here}\nspec:\n" + spec);
    CLI::App app;
    const Command command(app);
    std::vector<std::string> arguments = flags;  // CLI11 takes them from the end
    arguments.insert(arguments.end(), {Path(out).string(), Path("recipe.yaml").string(), name});
    app.parse(arguments);
    return command.Run();
  }
  Value Card(const std::string& out) const { return *ParseValue(ReadAll(Path(out) / "card.json")); }

  TempFolder temp_;
};

}  // namespace troupe::tools
