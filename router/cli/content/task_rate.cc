#include "router/cli/content/task_rate.h"

#include "router/graph/price.h"

namespace troupe::cli {

Result<TaskRate> TaskRate::Parse(const std::string& text) {
  TaskRate rate;
  if (text.empty()) return rate;
  const size_t slash = text.find('/');
  const std::string unit = slash == text.npos ? "" : text.substr(slash + 1);
  const std::optional<int64_t> micros = graph::ParseMicros(text.substr(0, slash));
  if (!micros || *micros <= 0 || (unit != "s" && unit != "min")) {
    return Invalid("--rate must be a number of tasks in a second or a minute, for example 5/s or 30/min, got '" + text +
                   "'");
  }
  const double seconds = unit == "s" ? 1 : 60;
  rate.every_ns_ = static_cast<int64_t>(seconds * 1e15 / static_cast<double>(*micros));
  return rate;
}

}  // namespace troupe::cli
