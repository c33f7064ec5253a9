#include "tests/bench/generate/flow.h"

#include <chrono>
#include <utility>

namespace troupe::bench {

Status Flow::Run(size_t in_flight, const std::function<bool()>& enough) {
  while (!enough()) {
    while (in_flight_.size() < in_flight) TRY(Ask());
    TRY(TakeEnded());
  }
  return {};
}

Status Flow::Ask() {
  const int64_t number = asked_++;
  TRY_ASSIGN(engine::Request request, next_(number));
  const auto end = [this, number](Status how) {
    const std::lock_guard lock(mutex_);
    ended_.push_back(number);
    if (!how && failed_) failed_ = std::move(how);
    changed_.notify_one();
  };
  TRY_ASSIGN(in_flight_[number],
             engine_.Generate(std::move(request),
                              {[this](engine::Delta delta) { tokens_ += static_cast<int64_t>(delta.tokens.size()); },
                               [end](engine::Completion) { end({}); }, [end](Error error) { end(std::move(error)); }}));
  return {};
}

Status Flow::TakeEnded() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(2), [this] { return !ended_.empty(); });
  for (const int64_t number : ended_) in_flight_.erase(number);
  ended_.clear();
  return failed_;
}

void Flow::CancelOne() {
  if (!in_flight_.empty()) in_flight_.begin()->second.Cancel();
}

void Flow::Clear() {
  for (const auto& [number, handle] : in_flight_) handle.Cancel();
  while (!in_flight_.empty()) static_cast<void>(TakeEnded());
}

}  // namespace troupe::bench
