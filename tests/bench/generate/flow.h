// Keeps a number of requests at an engine: whoever ends is followed by another. Owned and run by one thread; the
// engine's model thread only counts here.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "runtime/engine/engine.h"

namespace troupe::bench {

class Flow {
 public:
  using Next = std::function<Result<engine::Request>(int64_t number)>;

  Flow(engine::Engine& engine, Next next) : engine_(engine), next_(std::move(next)) {}
  ~Flow() { Clear(); }
  Flow(const Flow&) = delete;
  Flow& operator=(const Flow&) = delete;

  // Until `enough`, which is asked every few milliseconds, says so. What is in flight then stays there. Errors: the
  // first one of a request.
  Status Run(size_t in_flight, const std::function<bool()>& enough);
  // Cancels the oldest request.
  void CancelOne();
  // Cancels what is in flight and waits for it.
  void Clear();

  int64_t tokens() const { return tokens_.load(); }
  // Asked so far.
  int64_t requests() const { return asked_; }

 private:
  Status Ask();
  // Forgets those that ended, after a short wait for one.
  Status TakeEnded();

  engine::Engine& engine_;
  const Next next_;
  int64_t asked_ = 0;
  std::map<int64_t, engine::Handle> in_flight_;
  std::atomic<int64_t> tokens_{0};

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<int64_t> ended_;
  Status failed_;
};

}  // namespace troupe::bench
