// How far a watcher is in its task's records: what it has seen, what it may see, and what it holds of that. It holds
// the live ones that it is told of, as long as none is missing before them and it has room; the others are in the
// journal.
//
// Owner: a WatchCall, which locks.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "router/gateway/records_sink.h"
#include "runtime/base/saturate.h"

namespace troupe::gateway {

class WatchPosition {
 public:
  // Records up to `after` have been seen.
  WatchPosition(v1::Detail detail, int64_t after)
      : detail_(detail == v1::DETAIL_UNSPECIFIED ? v1::DETAIL_STEPS : detail), next_(SaturatedSum(after, 1)) {}

  v1::Detail detail() const { return detail_; }
  bool Wants(const v1::Record& record) const;

  // The number of the next record to look at.
  int64_t next() const { return next_; }
  void Pass() { ++next_; }
  // The task has ended: one who wants the last record only passes the others.
  void PassToLast();

  // Everything up to there may be seen.
  void Raise(int64_t durable) { durable_ = std::max(durable_, durable); }
  bool HasSeenAll() const { return next_ > durable_; }

  // Holds the record, or passes it, where it comes next and there is room.
  void Take(const SharedRecord& record);
  bool HoldsNone() const { return held_.empty(); }
  bool HoldsAll() const { return next_ + static_cast<int64_t>(held_.size()) > durable_; }
  bool HasRoom() const { return held_.size() < kMaxHeld && held_bytes_ < kMaxHeldBytes; }
  // What is held, from next() on; the first one is wanted.
  std::vector<SharedRecord> LetGo();

 private:
  // A client that stops reading holds that much and no more. Payloads come on top, because a record is sent whole. What
  // is held is shared with the others that follow the task.
  static constexpr size_t kMaxHeld = 16;
  static constexpr size_t kMaxHeldBytes = 32u << 10;

  const v1::Detail detail_;
  int64_t next_;
  int64_t durable_ = 0;
  std::vector<SharedRecord> held_;
  size_t held_bytes_ = 0;
};

}  // namespace troupe::gateway
