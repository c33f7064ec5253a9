#include "router/core/parts.h"

#include "router/decompose/list.h"
#include "router/decompose/windows.h"

namespace troupe::core {
namespace {

std::string Slice(const std::string& text, const decompose::Span& span) {
  return text.substr(span.begin, span.end - span.begin);
}

}  // namespace

Result<Value> TakeApart(const graph::DecomposeStep& step, const std::string& text) {
  Value parts = Value::array();
  if (step.by == graph::DecomposeStep::By::kList) {
    for (const auto& item : decompose::SplitList(text, {.separator = step.separator, .max_items = step.max})) {
      parts.push_back({{"text", Slice(text, item.text)}, {"index", parts.size()}});
    }
    return parts;
  }
  const auto windows =
      decompose::FindWindows(text, {.size = step.size, .overlap = step.overlap, .max_windows = step.max});
  if (static_cast<int64_t>(windows.size()) > step.max) {
    return Error{Code::kOutOfRange, "needs more windows of " + std::to_string(step.size) +
                                        " characters than its max of " + std::to_string(step.max) +
                                        "; raise max or size, lower overlap, or hand it a shorter text"};
  }
  for (const auto& window : windows) {
    parts.push_back(
        {{"text", Slice(text, window.bytes)}, {"index", parts.size()}, {"start", window.start}, {"end", window.end}});
  }
  return parts;
}

}  // namespace troupe::core
