// Whether a coroutine was asked to end. Asked before every wait: a cancellation that comes when what is waited for has
// just happened stops nothing by itself, and would be missed.
//
//   if (IsCancelled(co_await asio::this_coro::cancellation_state)) co_return;
#pragma once

#include <boost/asio/cancellation_state.hpp>

namespace troupe::content::http {

inline bool IsCancelled(const boost::asio::cancellation_state& state) {
  return state.cancelled() != boost::asio::cancellation_type::none;
}

}  // namespace troupe::content::http
