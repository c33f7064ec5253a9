// Who hears of a task's records, and when: once the journal says that they are durable. Watchers follow from some point
// on; others wait for one record, or for the last. Only those that are idle are told (see RecordsSink), and records on
// their way to the disk are kept only while there are such. The end is told to all.
//
// Where watchers are many, they are told on a thread for that: the journal's, which brings the news, must not wait for
// all of them.
//
// Owner: a TaskRunner. Thread-safe; calls sinks and waiters outside of its lock. Stops: Stop sends everybody away.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <vector>

#include "router/gateway/records_sink.h"
#include "runtime/base/error.h"

namespace troupe::gateway {

class Followers {
 public:
  // Stands for the number of the record that ends the task.
  static constexpr int64_t kLast = std::numeric_limits<int64_t>::max();

  struct Followed {
    int64_t durable = 0;
    RecordsSink::Task task = RecordsSink::Task::kRunning;
  };

  // What the journal holds of a task that goes on after a restart.
  void Restore(int64_t durable);

  // What is durable already is not repeated. Where the task has ended, nothing will be told.
  Followed Follow(std::shared_ptr<RecordsSink> sink);
  void Unfollow(const RecordsSink* sink);
  // Calls `done` once that record is durable: at once where it is. True where the journal is to hurry.
  bool WhenDurable(int64_t sequence, std::function<void(Status)> done);
  int64_t durable() const;
  // Whether somebody reads the text of steps as it grows.
  bool HasTextWatcher() const { return text_watchers_.load(std::memory_order_relaxed) > 0; }

  // A record is about to be written. Where it is to be kept, Keep follows at once, by the same thread.
  enum class Record { kAnother, kLast };
  struct Interest {
    // Somebody waits for it.
    bool urgent = false;
    bool keep = false;
  };
  Interest Announce(int64_t sequence, Record record);
  void Keep(SharedRecord record);

  // Everything up to `sequence` is durable. First `on_last`, where that is the end of the task, then all who wait.
  // Where there are many, TellMany has to tell them, on the thread for that: kAsk asks for it, kAsked did before.
  enum class Told { kAll, kAsk, kAsked };
  [[nodiscard]] Told OnDurable(int64_t sequence, const std::function<void()>& on_last);
  void TellMany();

  void Stop();

 private:
  struct Waiter {
    int64_t sequence = 0;
    std::function<void(Status)> done;
  };
  // Need the lock.
  bool HasEnded() const { return last_ != 0 && durable_ >= last_; }
  RecordsSink::Task task() const { return HasEnded() ? RecordsSink::Task::kEnded : RecordsSink::Task::kRunning; }
  bool AnyWantsNext() const;
  // Those to tell now; where the task has ended all of them, and they are let go.
  std::vector<std::shared_ptr<RecordsSink>> TakeSinks();
  std::vector<Waiter> TakeWaiters();

  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<RecordsSink>> sinks_;
  std::atomic<int> text_watchers_{0};
  bool keep_all_ = false;
  bool keep_last_ = false;
  std::deque<SharedRecord> on_their_way_;
  // Durable, and still to be told where watchers are many; older ones are in the journal.
  std::deque<SharedRecord> to_tell_;
  bool telling_ = false;
  std::vector<Waiter> waiters_;
  int64_t durable_ = 0;
  // The record that ends the task; 0 while it runs.
  int64_t last_ = 0;
};

}  // namespace troupe::gateway
