// What a pull looks like: one line redrawn in place on a terminal (bytes, rate, time left), a plain line every few
// seconds elsewhere. Main thread only.
#pragma once

#include <cstdio>
#include <optional>
#include <string>

#include "router/cli/terminal.h"
#include "runtime/base/clock.h"
#include "runtime/hub/pull.h"

namespace troupe::cli {

// "92.1 MB", "1.3 GB": decimal units, as registries show them.
std::string FormatBytes(int64_t bytes);

// How far a transfer is: bytes, share, rate and time left, as far as they are known. Pure, given the times.
class TransferRate {
 public:
  // "45.2 of 92.1 MB  49%  12.3 MB/s  4 s left". `now_ns` is monotonic.
  std::string Describe(int64_t bytes, int64_t total, int64_t now_ns);

 private:
  int64_t first_bytes_ = 0;
  int64_t first_ns_ = -1;
};

class PullScreen final : public hub::PullListener {
 public:
  enum class Mode { kProgress, kQuiet };
  explicit PullScreen(const Clock& clock, Mode mode = Mode::kProgress);

  void Plan(const hub::Source& source, const std::string& host, int64_t bytes_to_fetch, size_t files) override;
  void Progress(const std::string& what, int64_t bytes, int64_t total) override;
  void Note(const std::string& line) override;
  bool Pause(std::chrono::milliseconds time) override;
  // Takes the line away.
  void Clear();

 private:
  void Say(const std::string& line);

  const Clock& clock_;
  const Mode mode_;
  std::optional<LivePainter> painter_;
  TransferRate rate_;
  std::string what_;
  int64_t shown_ns_ = 0;
};

}  // namespace troupe::cli
