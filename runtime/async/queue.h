// A queue between producers that must never wait and coroutines that do: a full queue refuses at once. Thread-safe.
// Stops: Close; what is in it is still handed out, then Pop gives CANCELLED.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string>
#include <utility>

#include "runtime/base/error.h"

namespace troupe::async {

template <typename T>
class BoundedQueue {
 public:
  // `what` names the queue in errors: "writer's queue".
  BoundedQueue(boost::asio::any_io_executor executor, size_t limit, std::string what)
      : channel_(std::move(executor), limit), limit_(limit), what_(std::move(what)) {}

  // Errors: RESOURCE_EXHAUSTED with `retry_after_ms` when full, UNAVAILABLE once closed.
  Status TryPush(T item, int64_t retry_after_ms = 0) {
    if (!channel_.is_open()) return Unavailable(what_ + " is closed; try again elsewhere");
    if (channel_.try_send(boost::system::error_code{}, std::move(item))) return {};
    return Exhausted(what_ + " is full at " + std::to_string(limit_) + "; try again later", retry_after_ms);
  }

  // The oldest item. Errors: CANCELLED once closed and empty, or where the coroutine is cancelled.
  boost::asio::awaitable<Result<T>> Pop() {
    boost::system::error_code failed;
    T item = co_await channel_.async_receive(boost::asio::redirect_error(boost::asio::use_awaitable, failed));
    if (failed) co_return Cancelled(what_ + " is closed");
    co_return std::move(item);
  }

  void Close() { channel_.close(); }

 private:
  boost::asio::experimental::concurrent_channel<void(boost::system::error_code, T)> channel_;
  size_t limit_;
  std::string what_;
};

}  // namespace troupe::async
