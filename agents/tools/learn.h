// troupe-agent learn: a student classifier learns from its teacher's answers, and is written where it is not worse than
// before.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "runtime/base/error.h"

namespace troupe::tools {

// Refused: the gate found it worse; nothing was written, and the old one goes on serving.
enum class Learnt : uint8_t { kWritten, kRefused };

class Learn {
 public:
  // Adds the command to `app`, which outlives this.
  explicit Learn(CLI::App& app);

  bool asked_for() const { return command_->parsed(); }
  // Prints what came of it on stdout, and why it was refused on stderr. Errors: those of reading the recipe, model and
  // texts, of training and of writing.
  Result<Learnt> Run() const;

 private:
  CLI::App* command_;
  std::string recipe_, out_;
  bool force_ = false;
  bool fresh_ = false;
};

}  // namespace troupe::tools
