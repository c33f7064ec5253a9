#include "router/cli/pull_screen.h"

#include <algorithm>
#include <thread>

#include "router/cli/format.h"
#include "router/cli/interrupt.h"
#include "router/cli/text_width.h"
#include "runtime/base/time_units.h"

namespace troupe::cli {
namespace {

constexpr int64_t kRedrawEveryMs = 100;
constexpr int64_t kLineEveryMs = 5'000;
constexpr std::chrono::milliseconds kTick{50};
// A rate of less time than this says nothing.
constexpr int64_t kRateAfterMs = 500;

std::string Decimal(double value, const char* unit) {
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, value < 100 ? "%.1f %s" : "%.0f %s", value, unit);
  return buffer;
}

}  // namespace

std::string FormatBytes(int64_t bytes) {
  const auto value = static_cast<double>(std::max<int64_t>(bytes, 0));
  if (bytes < 1'000) return Plural(std::max<int64_t>(bytes, 0), "byte");
  if (value < 999.5e3) return Decimal(value / 1e3, "kB");
  if (value < 999.5e6) return Decimal(value / 1e6, "MB");
  return Decimal(value / 1e9, "GB");
}

std::string TransferRate::Describe(int64_t bytes, int64_t total, int64_t now_ns) {
  // what was here before the first look is not of this transfer's speed; nor is what a fresh start takes back
  if (first_ns_ < 0 || bytes < first_bytes_) {
    first_bytes_ = bytes;
    first_ns_ = now_ns;
  }
  std::string text = FormatBytes(bytes);
  if (total > 0) {
    text += " of " + FormatBytes(total) + "  " +
            std::to_string(static_cast<int>(100.0 * static_cast<double>(bytes) / static_cast<double>(total))) + "%";
  }
  const int64_t elapsed_ms = (now_ns - first_ns_) / kNsPerMs;
  if (elapsed_ms < kRateAfterMs || bytes == first_bytes_) return text;
  const double per_ms = static_cast<double>(bytes - first_bytes_) / static_cast<double>(elapsed_ms);
  text += "  " + FormatBytes(static_cast<int64_t>(per_ms * 1000)) + "/s";
  if (total > bytes)
    text += "  " + FormatDuration(static_cast<int64_t>(static_cast<double>(total - bytes) / per_ms)) + " left";
  return text;
}

PullScreen::PullScreen(const Clock& clock, Mode mode) : clock_(clock), mode_(mode) {
  if (mode_ == Mode::kProgress && IsTerminal(stderr)) painter_.emplace(stderr);
}

void PullScreen::Say(const std::string& line) {
  if (mode_ == Mode::kQuiet) return;
  Clear();
  PrintText(stderr, line);
}

void PullScreen::Clear() {
  if (painter_) painter_->Clear();
}

void PullScreen::Plan(const hub::Source& source, const std::string& host, int64_t bytes_to_fetch, size_t files) {
  rate_ = TransferRate();
  shown_ns_ = clock_.MonotonicNs();
  const std::string name = hub::ToString(source);
  if (files == 0) return Say("pulling " + name + ": all of it is here already");
  Say("pulling " + name + " from " + host + ": " +
      (bytes_to_fetch < 0 ? "of unknown size" : FormatBytes(bytes_to_fetch)) + " in " +
      Plural(static_cast<int64_t>(files), "file"));
}

void PullScreen::Progress(const std::string& what, int64_t bytes, int64_t total) {
  if (mode_ == Mode::kQuiet) return;
  const int64_t now_ns = clock_.MonotonicNs();
  const std::string text = rate_.Describe(bytes, total, now_ns);
  const bool is_last = total > 0 && bytes == total;
  if (!is_last && now_ns - shown_ns_ < (painter_ ? kRedrawEveryMs : kLineEveryMs) * kNsPerMs) return;
  shown_ns_ = now_ns;
  const std::string line = Neutralise(what, Newlines::kFlatten) + "  " + text;
  if (painter_) {
    painter_->Paint({Clip(line, StyleOf(stderr).width)});
  } else {
    PrintText(stderr, line);
  }
}

void PullScreen::Note(const std::string& line) { Say(line); }

bool PullScreen::Pause(std::chrono::milliseconds time) {
  while (Interrupts() == 0 && time.count() > 0) {
    std::this_thread::sleep_for(std::min(time, kTick));
    time -= kTick;
  }
  return Interrupts() == 0;
}

}  // namespace troupe::cli
