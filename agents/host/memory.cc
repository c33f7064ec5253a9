#include "agents/host/memory.h"

#include <utility>

namespace troupe::host {
namespace {
// Beside key and answer: nodes, headers, the place in the order.
constexpr size_t kOverheadBytes = 160;
size_t Cost(const std::string& key, const std::string& answer) { return key.size() + answer.size() + kOverheadBytes; }
}  // namespace

void Memory::Put(const std::string& key, std::string answer) {
  const size_t cost = Cost(key, answer);
  if (cost > limits_.max_bytes) return;
  const int64_t now_ns = clock_.MonotonicNs();
  std::lock_guard lock(mutex_);
  auto& place = *entries_.try_emplace(key).first;
  if (place.second.number != 0) bytes_ -= Cost(key, place.second.answer);
  place.second.answer = std::move(answer);
  place.second.number = ++next_number_;
  bytes_ += cost;
  order_.push_back({&place, place.second.number, now_ns});
  Forget(now_ns);
}

void Memory::Forget(int64_t now_ns) {
  const int64_t oldest_ns = now_ns - limits_.max_age_ms * 1'000'000;
  while (!order_.empty() && (bytes_ > limits_.max_bytes || order_.front().put_ns < oldest_ns)) {
    const auto& [key, entry] = *order_.front().entry;
    // a later place for the same key keeps the entry
    if (entry.number == order_.front().number) {
      bytes_ -= Cost(key, entry.answer);
      entries_.erase(entries_.find(key));
    }
    order_.pop_front();
  }
}

std::optional<std::string> Memory::Find(const std::string& key) const {
  std::lock_guard lock(mutex_);
  auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  return found->second.answer;
}

size_t Memory::bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace troupe::host
