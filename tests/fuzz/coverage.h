// Which ways an input went through the code under test, where that was compiled to tell (the preset `fuzz`: gcc's
// -fsanitize-coverage=trace-pc calls back at every basic block). Elsewhere nothing is ever new, and inputs are changed
// blindly. One thread feeds inputs; code under test may run on any.
#pragma once

#include <cstddef>

namespace troupe::fuzz {

// Before an input.
void ForgetWays();
// After it: whether it went a way, or one so often, as none before has.
bool WentANewWay();
// Ways seen in all.
size_t WaysSeen();

}  // namespace troupe::fuzz
