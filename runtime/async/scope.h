// Who owns running coroutines: a Scope. Work is spawned into it, is refused once it closes, and is waited for, so
// nothing outlives the object whose members it uses; declare it last in its class. There is no detached work. Each
// piece of work runs on its own strand of the scope's executor: two pieces may run at the same time. Thread-safe.
// Stops: Close (cancels and waits) or Join (waits); the destructor insists that one of them was called while work was
// running.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "runtime/base/error.h"

namespace troupe::async {

class Scope {
 public:
  explicit Scope(boost::asio::any_io_executor executor);
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  // Starts `work` soon, never inside this call. An exception that leaves it ends the process: errors are values here.
  // Errors: UNAVAILABLE once closing.
  Status Spawn(boost::asio::awaitable<void> work);

  // The same, and a function that cancels this piece alone; it may be called from any thread, at any time.
  Result<std::function<void()>> SpawnCancellable(boost::asio::awaitable<void> work);

  // Asks all that runs to stop: waits on timers, queues and calls end with CANCELLED. Refuses new work.
  void Cancel();

  // Refuses new work, waits for what runs. True when all ended within the limit. Not from the executor's only thread.
  bool Join(std::chrono::milliseconds limit);

  // Cancel, then wait without limit. Not from the executor's only thread.
  void Close();

  // The same wait as a coroutine, for an owner that runs on the executor itself.
  boost::asio::awaitable<void> CloseAsync();

  size_t running() const;
  const boost::asio::any_io_executor& executor() const { return executor_; }

 private:
  struct State;
  boost::asio::any_io_executor executor_;
  std::shared_ptr<State> state_;
};

}  // namespace troupe::async
