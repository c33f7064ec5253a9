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

  // `done` is 0 to 1.
  void Show(double done, std::string_view detail);

 private:
  std::string what_;
  bool terminal_;
  int shown_tenths_ = -1;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// "40 s", "12 min", "3 h 5 min".
std::string Lasting(double seconds);

}  // namespace troupe::tools
