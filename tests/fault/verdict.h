// What became of all the tasks of a load: each must have ended well, once, seen whole by the witness that was there and
// by one that comes later.
#pragma once

#include <string>
#include <vector>

#include "tests/fault/load.h"

namespace troupe::fault {

struct Verdict {
  int lost = 0;
  int failed = 0;
  int steps_twice = 0;
  int breaks = 0;
  // Watchers that were told otherwise than one that came later.
  int contradictions = 0;
  // Gaps, repeats and texts that were taken back.
  std::vector<std::string> complaints;
};

// After load.Stop.
Verdict Judge(const Load& load, const std::string& address);

// Prints it, and fails the test for anything that must not be.
void ExpectAllWell(const Load& load, const Verdict& verdict);

}  // namespace troupe::fault
