#include "router/answers/purges.h"

#include <algorithm>

#include "runtime/base/id.h"

namespace troupe::answers {

std::string Purges::Of(const std::string& graph, const std::string& step) const {
  int64_t count = 0;
  std::string marks;
  const std::lock_guard lock(mutex_);
  const auto add = [&](const std::string& name) {
    if (const auto found = counts_.find(name); found != counts_.end()) count += found->second;
    if (const auto found = marks_.find(name); found != marks_.end()) marks += "+" + found->second;
  };
  if (counts_.empty() && marks_.empty()) return "0";
  add(NameOf(graph, ""));
  if (!step.empty()) add(NameOf(graph, step));
  return std::to_string(count) + marks;
}

void Purges::Count(const std::string& name) {
  const std::lock_guard lock(mutex_);
  ++counts_[name];
}

void Purges::Mark(const std::string& name) {
  const std::lock_guard lock(mutex_);
  marks_[name] = NewUuid7();
}

void Purges::Settle(const std::string& name, int64_t count) {
  const std::lock_guard lock(mutex_);
  marks_.erase(name);
  int64_t& known = counts_[name];
  known = std::max(known, count);
}

std::vector<std::string> Purges::Unsettled() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, mark] : marks_) names.push_back(name);
  return names;
}

void Purges::Raise(const cache::PurgeCounts& counts) {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, count] : counts) {
    int64_t& known = counts_[name];
    known = std::max(known, count);
  }
}

cache::PurgeCounts Purges::All() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace troupe::answers
