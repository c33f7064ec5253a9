#include "router/cli/content/make_screen.h"

#include <utility>

#include "router/cli/format.h"
#include "router/cli/text_width.h"
#include "runtime/base/time_units.h"

namespace troupe::cli {
namespace {

constexpr int64_t kRedrawEveryMs = 100;
constexpr int64_t kLineEveryMs = 5'000;
constexpr int64_t kBarColumns = 20;

}  // namespace

std::string DescribeMake(const content::MakeCounts& counts, int64_t tokens, int64_t elapsed_ms) {
  const int64_t ended = counts.wanted - counts.left();
  std::string text = FormatCount(counts.made) + " of " + Plural(counts.wanted, "text");
  if (counts.wanted > 0) {
    const auto filled = static_cast<size_t>(kBarColumns * ended / counts.wanted);
    text += "  [" + std::string(filled, '#') + std::string(kBarColumns - filled, '-') + "] " +
            std::to_string(100 * ended / counts.wanted) + "%";
  }
  std::string more;
  if (counts.again > 0) more = FormatCount(counts.again) + " again";
  if (counts.unmade > 0) more += (more.empty() ? "" : ", ") + FormatCount(counts.unmade) + " not made";
  if (!more.empty()) text += "  " + more;
  if (tokens > 0) text += "  " + Plural(tokens, "token");
  if (ended > 0 && counts.left() > 0) {
    const double each_ms = static_cast<double>(elapsed_ms) / static_cast<double>(ended);
    text += "  " + FormatDuration(static_cast<int64_t>(each_ms * static_cast<double>(counts.left()))) + " left";
  }
  return text;
}

MakeScreen::MakeScreen(const Clock& clock, std::string set, Mode mode)
    : clock_(clock), set_(std::move(set)), mode_(mode), begin_ns_(clock.MonotonicNs()), shown_ns_(begin_ns_) {
  if (mode_ == Mode::kProgress && IsTerminal(stderr)) painter_.emplace(stderr);
}

void MakeScreen::Show(const content::MakeCounts& counts, int64_t tokens) {
  if (mode_ == Mode::kQuiet) return;
  const int64_t now_ns = clock_.MonotonicNs();
  if (now_ns - shown_ns_ < (painter_ ? kRedrawEveryMs : kLineEveryMs) * kNsPerMs) return;
  shown_ns_ = now_ns;
  const std::string line = set_ + "  " + DescribeMake(counts, tokens, (now_ns - begin_ns_) / kNsPerMs);
  if (painter_) {
    painter_->Paint({Clip(line, StyleOf(stderr).width)});
  } else {
    PrintText(stderr, line);
  }
}

void MakeScreen::Note(const std::string& line) {
  if (mode_ == Mode::kQuiet) return;
  Clear();
  PrintText(stderr, line);
}

void MakeScreen::Clear() {
  if (painter_) painter_->Clear();
}

}  // namespace troupe::cli
