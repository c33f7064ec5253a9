#include "router/answers/given.h"

#include <utility>

namespace troupe::answers {

void GivenByMeaning::Remember(const std::string& task, Given given) {
  const std::lock_guard lock(mutex_);
  const auto [of_task, is_new] = by_task_.try_emplace(task);
  if (is_new) in_order_.push_back(task);
  of_task->second.push_back(std::move(given));
  while (in_order_.size() > max_tasks_) {
    by_task_.erase(in_order_.front());
    in_order_.pop_front();
  }
}

std::vector<Given> GivenByMeaning::Take(const std::string& task, const std::string& step) {
  const std::lock_guard lock(mutex_);
  std::vector<Given> taken;
  const auto found = by_task_.find(task);
  if (found == by_task_.end()) return taken;
  std::erase_if(found->second, [&](Given& given) {
    if (!step.empty() && given.step.second != step) return false;
    taken.push_back(std::move(given));
    return true;
  });
  return taken;
}

}  // namespace troupe::answers
