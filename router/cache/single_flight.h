// Concurrent equal calls made once. The first caller of a key starts the work, others that come before it ends wait for
// the same result. The work belongs to none of them: it is cancelled where nobody waits for it any more, and by nobody
// before. A failure is given to those that wait, and forgotten: the next caller starts anew.
//
// Thread-safe; callers run on strands, such as a Scope's. Stops: Close.
#pragma once

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/async/scope.h"
#include "runtime/base/error.h"

namespace troupe::cache {

// T is copied for every caller: large results are best shared by pointer.
template <typename T>
class SingleFlight {
 public:
  using Work = std::function<boost::asio::awaitable<Result<T>>()>;

  explicit SingleFlight(boost::asio::any_io_executor executor) : scope_(std::move(executor)) {}

  // `work` is called at most once, and not where another call with this key is under way. Errors: those of the work;
  // CANCELLED where the caller is; UNAVAILABLE once closing.
  boost::asio::awaitable<Result<T>> Do(std::string key, Work work) {
    namespace asio = boost::asio;
    // a timer that never expires is what a coroutine can be woken by
    auto waiter =
        std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    const std::shared_ptr<Flight> flight = Join(key, waiter, std::move(work));
    boost::system::error_code ignored;
    co_await waiter->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    co_return Leave(key, flight, waiter);
  }

  // Cancels all work and waits for it. Not from the executor's only thread.
  void Close() { scope_.Close(); }

  // Keys whose work is under way.
  size_t flights() const {
    std::lock_guard lock(mutex_);
    return flights_.size();
  }

 private:
  using Waiter = std::shared_ptr<boost::asio::steady_timer>;
  struct Flight {
    std::vector<Waiter> waiters;
    std::optional<Result<T>> result;
    std::function<void()> cancel;
  };

  std::shared_ptr<Flight> Join(const std::string& key, const Waiter& waiter, Work work) {
    std::lock_guard lock(mutex_);
    if (const auto found = flights_.find(key); found != flights_.end()) {
      found->second->waiters.push_back(waiter);
      return found->second;
    }
    auto flight = std::make_shared<Flight>();
    flight->waiters.push_back(waiter);
    auto cancel = scope_.SpawnCancellable(Fly(this, key, flight, std::move(work)));
    if (!cancel) {
      Land(*flight, Error(cancel.error()));
      return flight;
    }
    flight->cancel = std::move(*cancel);
    flights_[key] = flight;
    return flight;
  }

  static boost::asio::awaitable<void> Fly(SingleFlight* self, std::string key, std::shared_ptr<Flight> flight,
                                          Work work) {
    // Where the work is cancelled it may end without a word: whoever waits must hear of it all the same.
    Landing landing{self, key, flight};
    landing.result = co_await work();
  }

  // Ends a flight however its coroutine ends.
  struct Landing {
    SingleFlight* self;
    std::string key;
    std::shared_ptr<Flight> flight;
    Result<T> result = Cancelled("the work that was waited for was cancelled");
    ~Landing() {
      std::lock_guard lock(self->mutex_);
      self->Forget(key, flight);
      self->Land(*flight, std::move(result));
    }
  };

  void Forget(const std::string& key, const std::shared_ptr<Flight>& flight) {
    const auto found = flights_.find(key);
    if (found != flights_.end() && found->second == flight) flights_.erase(found);
  }

  // Wakes each waiter on its own strand, hence after it has begun to wait.
  void Land(Flight& flight, Result<T> result) {
    flight.result = std::move(result);
    for (Waiter& waiter : flight.waiters) {
      auto executor = waiter->get_executor();
      boost::asio::post(executor, [waiter = std::move(waiter)] { waiter->cancel(); });
    }
    flight.waiters.clear();
  }

  // What a caller that was woken, or cancelled, takes with it. The last one to leave early ends the work.
  Result<T> Leave(const std::string& key, const std::shared_ptr<Flight>& flight, const Waiter& waiter) {
    std::function<void()> cancel;
    {
      std::lock_guard lock(mutex_);
      if (flight->result) return *flight->result;
      std::erase(flight->waiters, waiter);
      if (flight->waiters.empty()) {
        // a newcomer must not join work that is being cancelled
        Forget(key, flight);
        cancel = flight->cancel;
      }
    }
    if (cancel) cancel();
    return Cancelled("stopped waiting for the answer to an equal request");
  }

  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Flight>> flights_;
  async::Scope scope_;
};

}  // namespace troupe::cache
