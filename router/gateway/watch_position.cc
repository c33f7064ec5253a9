#include "router/gateway/watch_position.h"

#include "router/journal/codec.h"

namespace troupe::gateway {

bool WatchPosition::Wants(const v1::Record& record) const {
  return detail_ == v1::DETAIL_TEXT || journal::EndsTask(record) ||
         (detail_ == v1::DETAIL_STEPS && !record.event().has_step_progress());
}

void WatchPosition::PassToLast() {
  if (detail_ == v1::DETAIL_RESULT) next_ = std::max(next_, durable_);
}

void WatchPosition::Take(const SharedRecord& record) {
  if (!HasRoom() || record->sequence() != next_ + static_cast<int64_t>(held_.size())) return;
  if (held_.empty() && !Wants(*record)) return Pass();
  held_bytes_ += record->ByteSizeLong();
  held_.push_back(record);
}

std::vector<SharedRecord> WatchPosition::LetGo() {
  held_bytes_ = 0;
  return std::exchange(held_, {});
}

}  // namespace troupe::gateway
