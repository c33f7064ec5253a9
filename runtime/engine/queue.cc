#include "runtime/engine/queue.h"

#include <algorithm>

#include "runtime/base/check.h"

namespace troupe::engine {

void Queue::Insert(Waiting waiting) {
  const Rank rank = waiting.sequence->rank();
  const int64_t deadline_ns = waiting.sequence->deadline_ns();
  if (deadline_ns != 0) next_deadline_ns_ = std::min(next_deadline_ns_, deadline_ns);
  ranks_.emplace(waiting.number, rank);
  waiting_.emplace(std::pair(rank, waiting.number), std::move(waiting.sequence));
}

void Queue::Push(std::unique_ptr<Sequence> sequence) { Insert({std::move(sequence), ++pushed_}); }

void Queue::PutBack(Waiting waiting) {
  --left_;
  Insert(std::move(waiting));
}

Waiting Queue::Pop() {
  CHECK(!waiting_.empty());
  const auto& [oldest, rank] = *ranks_.begin();
  const bool is_overdue = IsOverdue(oldest, left_);
  const auto next = is_overdue ? waiting_.find({rank, oldest}) : waiting_.begin();
  Waiting waiting{std::move(next->second), next->first.second};
  waiting_.erase(next);
  ranks_.erase(waiting.number);
  ++left_;
  // Or the next one to come would push it out again as soon as pages run short.
  if (is_overdue) waiting.sequence->BecomeMostImportant();
  return waiting;
}

std::vector<std::unique_ptr<Sequence>> Queue::TakeDead(int64_t now_ns, uint64_t cancels) {
  std::vector<std::unique_ptr<Sequence>> dead;
  if (cancels == cancels_seen_ && now_ns < next_deadline_ns_) return dead;
  cancels_seen_ = cancels;
  next_deadline_ns_ = INT64_MAX;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    const int64_t deadline_ns = at->second->deadline_ns();
    if (at->second->cancelled() || (deadline_ns != 0 && deadline_ns <= now_ns)) {
      dead.push_back(std::move(at->second));
      ranks_.erase(at->first.second);
      at = waiting_.erase(at);
      ++left_;
    } else {
      if (deadline_ns != 0) next_deadline_ns_ = std::min(next_deadline_ns_, deadline_ns);
      ++at;
    }
  }
  return dead;
}

}  // namespace troupe::engine
