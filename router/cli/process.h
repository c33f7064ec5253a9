// Starts one child process. It leads its own process group (ctrl-C in the terminal reaches `up` alone, which then stops
// its children in order), dies with its parent, and writes stdout and stderr to a log file.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::cli {

struct ProcessSpec {
  std::string name;
  // argv[0] is the binary's path.
  std::vector<std::string> arguments;
  std::string log_path;
  // The cores it is bound to; empty: all.
  std::vector<int> cores;
};

// Call from the main thread only: the child dies with the *thread* that made it (prctl(2), PR_SET_PDEATHSIG).
// Errors: NOT_FOUND where the binary cannot be run, INTERNAL where the log cannot be opened or the system refuses.
Result<pid_t> Spawn(const ProcessSpec& spec);

// The last `lines` lines of a log, oldest first; at most 4 KiB of it.
std::vector<std::string> TailOf(const std::string& log_path, size_t lines);

// "exited with code 3", "was killed by signal 9 (Killed)".
std::string DescribeExit(int wait_status);

}  // namespace troupe::cli
