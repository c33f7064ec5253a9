// How many tasks may be handed in in a time, evenly spread. Time is handed in; one thread.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/base/error.h"

namespace troupe::cli {

class TaskRate {
 public:
  // "5/s", "0.5/s", "30/min"; empty for no limit. Errors: INVALID_ARGUMENT.
  static Result<TaskRate> Parse(const std::string& text);

  bool Allows(int64_t now_ns) const { return now_ns >= next_ns_; }
  void Count(int64_t now_ns) { next_ns_ = now_ns + every_ns_; }

 private:
  int64_t every_ns_ = 0;
  int64_t next_ns_ = 0;
};

}  // namespace troupe::cli
