// A child process of a benchmark: started, known ready by a line it prints, measured, and gone when its owner is.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::bench {

class Process {
 public:
  // Starts `command` with both outputs read here, and returns once it has printed a line with `ready` in it; what
  // follows `ready` on that line is ready_text(). Errors: UNAVAILABLE with its last output where it ends or says
  // nothing for 20 s.
  static Result<std::unique_ptr<Process>> Start(const std::vector<std::string>& command, const std::string& ready);

  // SIGTERM, then SIGKILL after 5 s.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  const std::string& ready_text() const { return ready_text_; }
  // User and system time so far, microseconds, in steps of the kernel's clock tick.
  int64_t CpuUs() const;
  // Resident memory, bytes.
  int64_t RssBytes() const;

 private:
  Process(pid_t pid, int output);

  pid_t pid_;
  int output_;
  std::string ready_text_;
  struct Drain;
  std::unique_ptr<Drain> drain_;
};

// A port that was free a moment ago, for programs that cannot take port 0.
int FreePort();

}  // namespace troupe::bench
