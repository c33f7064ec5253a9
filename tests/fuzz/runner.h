// Feeds a target: inputs that went a new way are kept and changed further. Each target works in a child process, so
// that a crash ends that one only: the input it died of is in memory that both share, is written down, and another
// child goes on with the inputs kept so far.
//
// The same seed gives the same inputs where the target is deterministic and the run is bounded by inputs, not by time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/fuzz/target.h"

namespace troupe::fuzz {

struct RunOptions {
  uint64_t seed = 1;
  // Whichever comes first; 0 for no limit of that sort.
  double max_seconds = 0;
  uint64_t max_inputs = 0;
  // For one input, before it is a finding; sanitizers slow everything down.
  unsigned input_limit_s = 20;
  // After so many findings the run ends.
  size_t max_findings = 5;
  // Where findings are put; created when there is one.
  std::filesystem::path findings;
  // A line every so many seconds; 0 for silence.
  double report_seconds = 0;
};

struct Finding {
  std::filesystem::path file;
  std::string what;
};

struct Outcome {
  uint64_t inputs = 0;
  size_t kept = 0;
  size_t ways = 0;
  std::vector<Finding> findings;
};

Outcome Feed(const Target& target, const RunOptions& options);

// Feeds one file, in this process.
std::optional<std::string> Replay(const Target& target, const std::filesystem::path& file);

}  // namespace troupe::fuzz
