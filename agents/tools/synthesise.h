// troupe-agent synthesise: a teacher writes training texts for skills after a few real ones; what passes is mixed with
// those, for `distill` and `learn` to train on.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "runtime/base/error.h"

namespace troupe::tools {

class Synthesise {
 public:
  // Adds the command to `app`, which outlives this.
  explicit Synthesise(CLI::App& app);

  bool asked_for() const { return command_->parsed(); }
  // Prints what came of it on stdout. The folder appears whole or not at all. Errors: those of reading the recipe,
  // models and texts, of writing; FAILED_PRECONDITION where nothing that the teacher wrote could be kept.
  Status Run() const;

 private:
  CLI::App* command_;
  std::string recipe_, out_;
  bool force_ = false;
  bool fresh_ = false;
};

}  // namespace troupe::tools
