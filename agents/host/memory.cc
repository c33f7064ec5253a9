#include "agents/host/memory.h"

#include <utility>

namespace troupe::host {
namespace {
// Beside key (held twice) and answer: nodes, headers, the place in the order.
constexpr size_t kOverheadBytes = 160;
size_t Cost(const std::string& key, const std::string& answer) {
  return 2 * key.size() + answer.size() + kOverheadBytes;
}
}  // namespace

void Memory::Put(const std::string& key, std::string answer) {
  const size_t cost = Cost(key, answer);
  if (cost > limits_.max_bytes) return;
  std::lock_guard lock(mutex_);
  Entry& entry = entries_[key];
  if (entry.number != 0) bytes_ -= Cost(key, entry.answer);
  entry = {std::move(answer), ++next_number_};
  bytes_ += cost;
  order_.push_back({key, entry.number, clock_.MonotonicNs()});
  Forget();
}

void Memory::Forget() {
  while (!order_.empty() && (bytes_ > limits_.max_bytes || TooOld(order_.front().put_ns))) {
    auto found = entries_.find(order_.front().key);
    if (found != entries_.end() && found->second.number == order_.front().number) {
      bytes_ -= Cost(found->first, found->second.answer);
      entries_.erase(found);
    }
    order_.pop_front();
  }
}

bool Memory::TooOld(int64_t put_ns) const { return clock_.MonotonicNs() - put_ns > limits_.max_age_ms * 1'000'000; }

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
