// Shell completion, made from the command line's own description: every command, every option, every choice, files
// where an option takes one. Pure.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace troupe::cli {

// `shell` is bash, zsh or fish. The script to be evaluated by that shell.
std::string CompletionScript(const CLI::App& app, const std::string& shell);

}  // namespace troupe::cli
