// A queue between producers that must never wait and coroutines that do: a full queue refuses at once. TryPush and
// Close are thread-safe; Pop is for coroutines on a strand, such as a Scope's. Stops: Close; what is in it is still
// handed out, then Pop gives CANCELLED.
#pragma once

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "runtime/base/error.h"

namespace troupe::async {

template <typename T>
class BoundedQueue {
 public:
  // `what` names the queue in errors: "writer's queue".
  BoundedQueue(size_t limit, std::string what) : limit_(limit), what_(std::move(what)) {}

  // Errors: RESOURCE_EXHAUSTED with `retry_after_ms` when full, UNAVAILABLE once closed.
  Status TryPush(T item, int64_t retry_after_ms = 0) {
    std::lock_guard lock(mutex_);
    if (closed_) return Unavailable(what_ + " is closed; try again elsewhere");
    if (items_.size() >= limit_) {
      return Exhausted(what_ + " is full at " + std::to_string(limit_) + "; try again later", retry_after_ms);
    }
    items_.push_back(std::move(item));
    if (!waiters_.empty()) {
      Wake(std::move(waiters_.front()));
      waiters_.pop_front();
    }
    return {};
  }

  // The oldest item. Errors: CANCELLED once closed and empty, or where the coroutine is cancelled.
  boost::asio::awaitable<Result<T>> Pop() {
    namespace asio = boost::asio;
    for (;;) {
      // a timer that never expires is what a coroutine can be woken by
      auto waiter = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor,
                                                         asio::steady_timer::time_point::max());
      {
        std::lock_guard lock(mutex_);
        if (!items_.empty()) {
          T item = std::move(items_.front());
          items_.pop_front();
          co_return std::move(item);
        }
        if (closed_) co_return Cancelled(what_ + " is closed");
        waiters_.push_back(waiter);
      }
      boost::system::error_code ignored;
      co_await waiter->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
      if (Forget(waiter)) co_return Cancelled("stopped waiting for " + what_);
    }
  }

  void Close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    for (auto& waiter : waiters_) Wake(std::move(waiter));
    waiters_.clear();
  }

 private:
  using Waiter = std::shared_ptr<boost::asio::steady_timer>;

  // On the waiter's own strand, hence after it has begun to wait.
  static void Wake(Waiter waiter) {
    auto executor = waiter->get_executor();
    boost::asio::post(executor, [waiter = std::move(waiter)] { waiter->cancel(); });
  }
  // True where nobody has woken it: its coroutine was cancelled.
  bool Forget(const Waiter& waiter) {
    std::lock_guard lock(mutex_);
    return std::erase(waiters_, waiter) > 0;
  }

  const size_t limit_;
  const std::string what_;
  std::mutex mutex_;
  std::deque<T> items_;
  std::deque<Waiter> waiters_;
  bool closed_ = false;
};

}  // namespace troupe::async
