#include "agents/tools/progress_line.h"

#include <unistd.h>

#include <cstdio>

namespace troupe::tools {

ProgressLine::ProgressLine(std::string what) : what_(std::move(what)), terminal_(::isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (terminal_ && shown_tenths_ >= 0) std::fprintf(stderr, "\r\x1b[K");
}

void ProgressLine::Show(double done, std::string_view detail) {
  if (first_ < 0) first_ = done;
  const int tenths = static_cast<int>(done * 10);
  if (!terminal_ && tenths == shown_tenths_) return;
  shown_tenths_ = tenths;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  std::string line = what_ + " " + std::to_string(static_cast<int>(done * 100)) + " %";
  if (!detail.empty()) line += ", " + std::string(detail);
  // the first share is too small to tell
  const double own = done - first_;
  if (own > 0.02 && done < 1) line += ", about " + Lasting(seconds / own * (1 - done)) + " left";
  std::fprintf(stderr, terminal_ ? "\r%s\x1b[K" : "%s\n", line.c_str());
}

std::string Lasting(double seconds) {
  const auto whole = static_cast<long>(seconds + 0.5);
  if (whole < 90) return std::to_string(whole) + " s";
  const long minutes = (whole + 30) / 60;
  if (minutes < 90) return std::to_string(minutes) + " min";
  return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
}

}  // namespace troupe::tools
