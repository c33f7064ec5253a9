// Far more callers than there is room for: each hands a task in with little time, waits for its end, and asks again.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "runtime/base/error.h"

namespace troupe::bench {

struct Answers {
  // How tasks ended, or calls that took none in: by canonical code.
  std::map<Code, int64_t> by_code;
  double seconds = 0.0;
};

// Tasks have between 50 and 500 ms, which their label "timeout_ms" says.
Answers CallTooMuch(const std::string& address, int callers, double seconds);

// What the router says of those tasks afterwards.
struct Aftermath {
  int64_t tasks = 0;
  // Attempts that were sent to an agent after their task's deadline.
  int64_t sent_late = 0;
  // How long after their deadlines tasks ended, milliseconds.
  double p99_late_ms = 0.0;
  double max_late_ms = 0.0;
};
Result<Aftermath> LookBack(const std::string& address);

}  // namespace troupe::bench
