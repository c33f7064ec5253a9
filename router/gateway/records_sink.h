// Someone who follows a running task: what the task's runner needs to know of a watcher.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include "runtime/base/error.h"
#include "troupe/v1/journal.pb.h"
#include "troupe/v1/task.pb.h"

namespace troupe::gateway {

using SharedRecord = std::shared_ptr<const v1::Record>;

class RecordsSink {
 public:
  virtual ~RecordsSink() = default;
  virtual v1::Detail detail() const = 0;
  // At the end of what it was told, with room for more. One that is behind is left alone until its task ends, so that
  // it costs nothing while others hear of news: it catches up from the journal, and once it is idle again it has to ask
  // what has become durable meanwhile.
  bool idle() const { return idle_; }
  // Everything up to `durable` may be shown. `records` are the latest of those, in order, as far as they are at hand;
  // what is missing before them is in the journal. With kEnded the task has ended with record `durable` and nothing
  // more will be told. Called by one thread at a time; must not block.
  enum class Task { kRunning, kEnded };
  virtual void OnDurable(std::span<const SharedRecord> records, int64_t durable, Task task) = 0;
  // The router stops; the task goes on when it is back.
  virtual void OnRouterStops() = 0;

 protected:
  std::atomic<bool> idle_ = true;
};

}  // namespace troupe::gateway
