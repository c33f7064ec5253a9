// CHECK: an invariant of our own code. Broken means a bug, so the process stops with the place and the reason. Never used
// on input: what a file, a caller or the network says wrong is an Error.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace troupe::internal {
[[noreturn]] inline void CheckFailed(const char* file, int line, const char* what) {
  std::fprintf(stderr, "%s:%d: invariant broken: %s\n", file, line, what);
  std::abort();
}
}  // namespace troupe::internal

// libtorch's headers bring a macro of the same name.
#undef CHECK
#define CHECK(condition)                                                             \
  (static_cast<bool>(condition) ? static_cast<void>(0)                               \
                                : ::troupe::internal::CheckFailed(__FILE__, __LINE__, #condition))
