#include "router/cli/format.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

namespace troupe::cli {
namespace {

template <typename... Args>
std::string Print(const char* format, Args... args) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, args...);
  return buffer;
}

}  // namespace

std::string FormatDuration(int64_t ms) {
  ms = std::max<int64_t>(ms, 0);
  if (ms < 100) return Print("%lld ms", static_cast<long long>(ms));
  if (ms < 59'950) return Print("%.1f s", static_cast<double>(ms) / 1000);
  const long long seconds = (ms + 500) / 1000;
  if (seconds < 3600) return Print("%lld min %02lld s", seconds / 60, seconds % 60);
  return Print("%lld h %02lld min", seconds / 3600, seconds / 60 % 60);
}

std::string FormatCount(int64_t count) {
  const std::string digits = std::to_string(count < 0 ? -count : count);
  std::string out = count < 0 ? "-" : "";
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

std::string FormatAge(UnixMs then_ms, UnixMs now_ms) {
  const long long seconds = std::max<int64_t>(now_ms - then_ms, 0) / 1000;
  if (seconds < 1) return "now";
  if (seconds < 60) return Print("%lld s ago", seconds);
  if (seconds < 3600) return Print("%lld min ago", seconds / 60);
  if (seconds < 86'400) return Print("%lld h ago", seconds / 3600);
  return Print("%lld d ago", seconds / 86'400);
}

std::string FormatTime(UnixMs time_ms) {
  const std::time_t seconds = static_cast<std::time_t>(time_ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char buffer[40];
  std::strftime(buffer, sizeof buffer, "%Y-%m-%d %H:%M:%S UTC", &parts);
  return buffer;
}

std::string Plural(int64_t count, const std::string& noun) {
  return FormatCount(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace troupe::cli
