// troupe-agent quantize: a model onto grids of 4 or 8 bits, as a folder that loads by name like any other.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::tools {

// What the command line says.
struct QuantizeWishes {
  std::string model, out;
  std::string method = "gptq";  // rtn, gptq, qat
  std::vector<std::string> texts;
  int bits = 4;
  int64_t group = -1;  // -1: what suits the bits
  int64_t windows = 64;
  int64_t length = 256;
  uint64_t seed = 1;
  int threads = 1;
  bool force = false;
  // qat
  int64_t steps = 200;
  int64_t batch = 2;
  double code_rate = 0.004;
  double scale_rate = 0.001;
};

class Quantize {
 public:
  // Adds the command to `app`, which outlives this.
  explicit Quantize(CLI::App& app);

  bool asked_for() const { return command_->parsed(); }
  // Prints what came of it on stdout. Errors: those of reading the model and the texts, of quantising and of writing.
  Status Run() const;

 private:
  CLI::App* command_;
  QuantizeWishes wishes_;
};

}  // namespace troupe::tools
