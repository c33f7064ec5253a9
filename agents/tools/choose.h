// troupe-agent choose: of many texts those that a student learns most from, for a teacher or a person to label.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "runtime/base/error.h"

namespace troupe::tools {

class Choose {
 public:
  // Adds the command to `app`, which outlives this.
  explicit Choose(CLI::App& app);

  bool asked_for() const { return command_->parsed(); }
  // Prints a JSON object a line on stdout. Errors: those of reading the model and the texts.
  Status Run() const;

 private:
  CLI::App* command_;
  std::string student_, texts_;
  uint32_t count_ = 100;
  int threads_ = 1;
};

}  // namespace troupe::tools
