#include "router/dispatch/skill_cache.h"

#include <utility>

namespace troupe::dispatch {

SkillCache::Index SkillCache::Get(const std::string& key, std::function<void()> later, bool& build) {
  const std::lock_guard lock(mutex_);
  build = false;
  Entry& entry = entries_[key];
  if (entry.index) return entry.index;
  if (entry.building) {
    entry.waiting.push_back(std::move(later));
    return nullptr;
  }
  entry.building = true;
  build = true;
  return nullptr;
}

void SkillCache::Finish(const std::string& key, Index index) {
  std::vector<std::function<void()>> waiting;
  {
    const std::lock_guard lock(mutex_);
    Entry& entry = entries_[key];
    entry.building = false;
    entry.index = std::move(index);
    waiting.swap(entry.waiting);
    for (auto it = entries_.begin(); entries_.size() > kMaxEntries && it != entries_.end();) {
      const bool spare = it->first != key && !it->second.building && it->second.waiting.empty();
      it = spare ? entries_.erase(it) : std::next(it);
    }
  }
  for (const auto& call : waiting) call();
}

}  // namespace troupe::dispatch
