// troupe-agent distill: a classifier out of labelled texts or a model that writes out of prompts, and smaller ones out
// of them, by a recipe.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "runtime/base/error.h"

namespace troupe::tools {

class Distill {
 public:
  // Adds the command to `app`, which outlives this.
  explicit Distill(CLI::App& app);

  bool asked_for() const { return command_->parsed(); }
  // Prints what came of it on stdout. Errors: those of reading the recipe, models and texts, of training and of
  // writing.
  Status Run() const;

 private:
  CLI::App* command_;
  std::string recipe_, out_;
  bool force_ = false;
  bool fresh_ = false;
  bool take_best_ = false;
};

}  // namespace troupe::tools
