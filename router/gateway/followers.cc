#include "router/gateway/followers.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace troupe::gateway {
namespace {

// Watchers that are told by the thread that brings the news.
constexpr size_t kFewWatchers = 4;
// Records kept for the thread that tells the others.
constexpr size_t kMaxToTell = 64;

// Waits for the next record, whichever it is.
bool WantsNext(const RecordsSink& sink) { return sink.detail() != v1::DETAIL_RESULT && sink.idle(); }

}  // namespace

void Followers::Restore(int64_t durable) {
  const std::lock_guard lock(mutex_);
  durable_ = durable;
}

Followers::Followed Followers::Follow(std::shared_ptr<RecordsSink> sink) {
  const std::lock_guard lock(mutex_);
  if (HasEnded()) return {durable_, RecordsSink::Task::kEnded};
  if (sink->detail() == v1::DETAIL_TEXT) text_watchers_.fetch_add(1, std::memory_order_relaxed);
  (sink->detail() == v1::DETAIL_RESULT ? keep_last_ : keep_all_) = true;
  sinks_.push_back(std::move(sink));
  return {durable_, RecordsSink::Task::kRunning};
}

void Followers::Unfollow(const RecordsSink* sink) {
  std::shared_ptr<RecordsSink> gone;
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(sinks_.begin(), sinks_.end(), [&](const auto& other) { return other.get() == sink; });
  if (found == sinks_.end()) return;
  gone = std::move(*found);
  sinks_.erase(found);
  if (gone->detail() == v1::DETAIL_TEXT) text_watchers_.fetch_sub(1, std::memory_order_relaxed);
  keep_all_ = std::any_of(sinks_.begin(), sinks_.end(), [](const auto& s) { return s->detail() != v1::DETAIL_RESULT; });
}

bool Followers::WhenDurable(int64_t sequence, std::function<void(Status)> done) {
  {
    const std::lock_guard lock(mutex_);
    if (durable_ < sequence && !HasEnded()) {
      waiters_.push_back({sequence, std::move(done)});
      // the record that ends the task hurries by itself
      return sequence != kLast || last_ != 0;
    }
  }
  done({});
  return false;
}

int64_t Followers::durable() const {
  const std::lock_guard lock(mutex_);
  return durable_;
}

Followers::Interest Followers::Announce(int64_t sequence, Record record) {
  const bool ends = record == Record::kLast;
  const std::lock_guard lock(mutex_);
  if (ends) last_ = sequence;
  const bool live = keep_all_ && AnyWantsNext();
  return {.urgent = live || (ends && (keep_all_ || keep_last_ || !waiters_.empty())),
          .keep = live || (ends && keep_last_)};
}

bool Followers::AnyWantsNext() const {
  return std::any_of(sinks_.begin(), sinks_.end(), [](const auto& sink) { return WantsNext(*sink); });
}

std::vector<std::shared_ptr<RecordsSink>> Followers::TakeSinks() {
  if (HasEnded()) return std::exchange(sinks_, {});
  std::vector<std::shared_ptr<RecordsSink>> out;
  std::copy_if(sinks_.begin(), sinks_.end(), std::back_inserter(out),
               [](const auto& sink) { return WantsNext(*sink); });
  return out;
}

void Followers::Keep(SharedRecord record) {
  const std::lock_guard lock(mutex_);
  on_their_way_.push_back(std::move(record));
}

std::vector<Followers::Waiter> Followers::TakeWaiters() {
  std::vector<Waiter> due;
  for (size_t i = 0; i < waiters_.size();) {
    if (waiters_[i].sequence > durable_ && !HasEnded()) {
      ++i;
      continue;
    }
    due.push_back(std::move(waiters_[i]));
    waiters_.erase(waiters_.begin() + static_cast<ptrdiff_t>(i));
  }
  return due;
}

Followers::Told Followers::OnDurable(int64_t sequence, const std::function<void()>& on_last) {
  std::vector<SharedRecord> records;
  std::vector<std::shared_ptr<RecordsSink>> sinks;
  std::vector<Waiter> waiters;
  RecordsSink::Task task{};
  Told told = Told::kAll;
  {
    const std::lock_guard lock(mutex_);
    durable_ = sequence;
    while (!on_their_way_.empty() && on_their_way_.front()->sequence() <= sequence) {
      records.push_back(std::move(on_their_way_.front()));
      on_their_way_.pop_front();
    }
    task = this->task();
    if (telling_ || (sinks_.size() > kFewWatchers && (HasEnded() || AnyWantsNext()))) {
      to_tell_.insert(to_tell_.end(), records.begin(), records.end());
      while (to_tell_.size() > kMaxToTell) to_tell_.pop_front();
      told = std::exchange(telling_, true) ? Told::kAsked : Told::kAsk;
    } else {
      sinks = TakeSinks();
    }
    waiters = TakeWaiters();
  }
  if (task == RecordsSink::Task::kEnded) on_last();
  for (const auto& sink : sinks) sink->OnDurable(records, sequence, task);
  for (const Waiter& waiter : waiters) waiter.done({});
  return told;
}

void Followers::TellMany() {
  std::vector<std::shared_ptr<RecordsSink>> sinks;
  std::vector<SharedRecord> records;
  int64_t durable = 0;
  RecordsSink::Task task{};
  {
    const std::lock_guard lock(mutex_);
    telling_ = false;
    records.assign(to_tell_.begin(), to_tell_.end());
    to_tell_.clear();
    durable = durable_;
    task = this->task();
    sinks = TakeSinks();
  }
  for (const auto& sink : sinks) sink->OnDurable(records, durable, task);
}

void Followers::Stop() {
  std::vector<std::shared_ptr<RecordsSink>> sinks;
  std::vector<Waiter> waiters;
  {
    const std::lock_guard lock(mutex_);
    sinks.swap(sinks_);
    waiters.swap(waiters_);
  }
  for (const auto& sink : sinks) sink->OnRouterStops();
  for (const Waiter& waiter : waiters) {
    waiter.done(Unavailable("the router is stopping; the task goes on when it is back: ask for it then"));
  }
}

}  // namespace troupe::gateway
