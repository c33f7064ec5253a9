// How far `troupe content make` is: one line redrawn in place on a terminal, a plain line every few seconds elsewhere.
// Main thread only.
#pragma once

#include <optional>
#include <string>

#include "router/cli/terminal.h"
#include "router/content/make_job.h"
#include "runtime/base/clock.h"

namespace troupe::cli {

// "12 of 40 texts  [######--------------] 30%  2 again, 1 not made  1,204 tokens  1 min 05 s left". The time left is
// told from `elapsed_ms`, once something was made. Pure.
std::string DescribeMake(const content::MakeCounts& counts, int64_t tokens, int64_t elapsed_ms);

class MakeScreen {
 public:
  enum class Mode { kProgress, kQuiet };
  MakeScreen(const Clock& clock, std::string set, Mode mode);

  void Show(const content::MakeCounts& counts, int64_t tokens);
  // A line that stays.
  void Note(const std::string& line);
  // Takes the line away.
  void Clear();

 private:
  const Clock& clock_;
  const std::string set_;
  const Mode mode_;
  const int64_t begin_ns_;
  int64_t shown_ns_;
  std::optional<LivePainter> painter_;
};

}  // namespace troupe::cli
