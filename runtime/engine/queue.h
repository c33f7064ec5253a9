// Sequences that wait for a place in the batch: highest priority first, then in order of arrival; whoever was overtaken
// too often is the next all the same (scheduler.h). What is asked at every step does not cost what waits. Not
// thread-safe: the engine locks around it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/engine/scheduler.h"
#include "runtime/engine/sequence.h"

namespace troupe::engine {

// One that is about to leave the queue.
struct Waiting {
  std::unique_ptr<Sequence> sequence;
  uint64_t number = 0;
};

class Queue {
 public:
  void Push(std::unique_ptr<Sequence> sequence);
  // The next one; the queue must not be empty.
  Waiting Pop();
  // It was not its turn after all: it is as if it had not been popped.
  void PutBack(Waiting waiting);
  // Takes out those that were cancelled or are past their deadline. `cancels` counts what was cancelled since the
  // engine started: the queue is looked through only where that has grown or a deadline is past.
  std::vector<std::unique_ptr<Sequence>> TakeDead(int64_t now_ns, uint64_t cancels);
  size_t size() const { return waiting_.size(); }
  bool empty() const { return waiting_.empty(); }

 private:
  struct ByRank {
    bool operator()(const std::pair<Rank, uint64_t>& a, const std::pair<Rank, uint64_t>& b) const {
      return a.first == b.first ? a.second < b.second : IsBefore(a.first, b.first);
    }
  };
  void Insert(Waiting waiting);

  std::map<std::pair<Rank, uint64_t>, std::unique_ptr<Sequence>, ByRank> waiting_;
  std::map<uint64_t, Rank> ranks_;  // by number, which is in order of Push
  uint64_t pushed_ = 0;
  uint64_t left_ = 0;
  uint64_t cancels_seen_ = 0;
  int64_t next_deadline_ns_ = INT64_MAX;  // at or before the first one
};

}  // namespace troupe::engine
