// Numbers for people: "0.4 s", "2 min 05 s", "1,204", "3 min ago". Pure.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/base/clock.h"

namespace troupe::cli {

// "12 ms", "0.4 s", "12.3 s", "2 min 05 s", "3 h 20 min". Negative counts as 0.
std::string FormatDuration(int64_t ms);

// 1204 -> "1,204".
std::string FormatCount(int64_t count);

// "now", "12 s ago", "3 min ago", "5 h ago", "4 d ago".
std::string FormatAge(UnixMs then_ms, UnixMs now_ms);

// "2026-11-23 20:51:07 UTC".
std::string FormatTime(UnixMs time_ms);

// "1 token", "2 tokens".
std::string Plural(int64_t count, const std::string& noun);

}  // namespace troupe::cli
