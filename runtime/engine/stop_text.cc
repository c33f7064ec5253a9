#include "runtime/engine/stop_text.h"

#include <algorithm>
#include <utility>

namespace troupe::engine {

std::string StopText::Push(std::string_view text) {
  if (!found_.empty()) return "";
  held_ += text;
  // The stop string that begins first counts; of two that begin together, the shorter one was whole first.
  size_t first = std::string::npos;
  for (const std::string& stop : stops_) {
    const size_t at = held_.find(stop);
    if (at < first || (at == first && at != std::string::npos && stop.size() < found_.size())) {
      first = at;
      found_ = stop;
    }
  }
  if (first != std::string::npos) {
    std::string shown = held_.substr(0, first);
    held_.clear();
    return shown;
  }
  // The longest end of held_ that begins a stop string stays.
  size_t keep = 0;
  for (const std::string& stop : stops_) {
    for (size_t size = std::min(stop.size() - 1, held_.size()); size > keep; --size) {
      if (std::string_view(held_).ends_with(std::string_view(stop).substr(0, size))) keep = size;
    }
  }
  std::string shown = held_.substr(0, held_.size() - keep);
  held_.erase(0, shown.size());
  return shown;
}

std::string StopText::Flush() { return std::exchange(held_, {}); }

}  // namespace troupe::engine
