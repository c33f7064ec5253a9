// What a long command says on stderr while it works: share done, what it works on, how long it will still take. One
// line that is written over on a terminal; elsewhere a new line every ten percent.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace troupe::tools {

class ProgressLine {
 public:
  explicit ProgressLine(std::string what);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // `done` is 0 to 1. What was done before the first call, in an earlier run, tells nothing about this one's speed.
  void Show(double done, std::string_view detail);

 private:
  std::string what_;
  bool terminal_;
  int shown_tenths_ = -1;
  double first_ = -1;  // share done at the first call
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// "40 s", "12 min", "3 h 5 min".
std::string Lasting(double seconds);

}  // namespace troupe::tools
