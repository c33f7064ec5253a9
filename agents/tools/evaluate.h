// troupe-agent evaluate: models side by side: size, speed, cost, and how well they predict text (models that write) or
// label it (classifiers), the first one being what the others are measured against.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::tools {

class Evaluate {
 public:
  // Adds the command to `app`, which outlives this.
  explicit Evaluate(CLI::App& app);

  bool asked_for() const { return command_->parsed(); }
  // Prints the report on stdout. Errors: those of reading models and texts, of running and of writing the report.
  Status Run() const;

 private:
  Status RunOnText() const;
  Status RunOnLabelled() const;
  std::string Machine() const;

  CLI::App* command_;
  std::vector<std::string> models_, texts_;
  std::string labelled_, task_, out_;
  double price_ = 0, watts_ = 0;
  int64_t windows_ = 16;
  int64_t length_ = 256;
  int64_t questions_ = 50;
  int64_t choices_ = 4;
  uint64_t seed_ = 1;
  int threads_ = 2;
  bool no_speed_ = false;
};

}  // namespace troupe::tools
