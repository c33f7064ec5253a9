#include "router/answers/behind.h"

#include <algorithm>
#include <future>
#include <utility>

namespace troupe::answers {
namespace {

// Reads in a row after which a store is trusted as at first.
constexpr int kTrusted = 20;
// Beyond that an answer is quicker made again than it is worth its way.
constexpr size_t kMaxBytes = 4u << 20;
constexpr int64_t kNsPerMs = 1'000'000;

}  // namespace

// Its answer comes from the store or, too late, from the clock.
struct Behind::Question {
  explicit Question(cache::OnEntry d) : done(std::move(d)) {}
  bool Claim() { return !claimed.exchange(true); }
  const cache::OnEntry done;
  std::atomic<bool> claimed{false};
};

Behind::Behind(std::unique_ptr<cache::BackStore> store, const BehindOptions& options, Means means)
    : store_(std::move(store)), options_(options), means_(std::move(means)), pause_ms_(options.first_pause_ms) {}

void Behind::Start() {
  auto heard = std::make_shared<std::promise<void>>();
  std::future<void> first = heard->get_future();
  store_->SharePurges({}, [self = shared_from_this(), heard](const Result<cache::PurgeCounts>& shared) {
    self->OnShared(shared);
    heard->set_value();
  });
  (void)first.wait_for(std::chrono::milliseconds(options_.start_limit_ms));
  bool is_away = false;
  {
    const std::lock_guard lock(mutex_);
    is_away = is_told_away_ = !reads_;
  }
  if (is_away) Log(store_->name() + " does not answer; answers are kept in memory only until it does");
  ShareLater();
}

void Behind::ShareLater() {
  means_.timers.After(options_.share_every_ms, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->Share();
  });
}

void Behind::Post(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (!stopped_) means_.post(std::move(work));
}

void Behind::Share() {
  cache::PurgeCounts known;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    known = means_.purges.All();
  }
  store_->SharePurges(std::move(known), [self = shared_from_this()](const Result<cache::PurgeCounts>& shared) {
    self->OnShared(shared);
    self->ShareLater();
  });
}

void Behind::OnShared(const Result<cache::PurgeCounts>& shared) {
  if (!shared) return OnRead(shared.error());
  means_.purges.Raise(*shared);
  for (const std::string& name : means_.purges.Unsettled()) Tell(name, nullptr);
  {
    const std::lock_guard lock(mutex_);
    if (reads_ || means_.clock.MonotonicNs() < reads_again_ns_) return;
    reads_ = true;
    failed_reads_ = 0;
    worked_ = 0;
    if (!std::exchange(is_told_away_, false)) return;
  }
  Log(store_->name() + " answers again");
}

void Behind::Find(const std::string& key, cache::OnEntry done) {
  if (!in_use()) return done(Unavailable(store_->name() + " is left alone"));
  auto question = std::make_shared<Question>(std::move(done));
  const auto answer = [question](Behind& self, Result<std::optional<cache::Entry>> found) {
    if (!question->Claim()) return;
    self.OnRead(found ? Status() : Status(found.error()));
    self.Post([question, found = std::move(found)]() mutable { question->done(std::move(found)); });
  };
  const auto timer = means_.timers.After(options_.limit_ms, [weak = weak_from_this(), answer] {
    if (const auto self = weak.lock()) answer(*self, Error{Code::kDeadlineExceeded, "it took too long"});
  });
  store_->Get(key, [self = shared_from_this(), timer, answer](Result<std::optional<cache::Entry>> found) {
    self->means_.timers.Cancel(timer);
    answer(*self, std::move(found));
  });
}

void Behind::Put(const std::string& key, cache::Entry entry) {
  if (entry.bytes() > kMaxBytes) return;
  {
    const std::lock_guard lock(mutex_);
    if (!reads_ || stopped_ || means_.clock.MonotonicNs() < writes_again_ns_) return;
  }
  store_->Put(key, std::move(entry), [self = shared_from_this()](const Status& written) { self->OnWritten(written); });
}

void Behind::Purge(const std::string& name, cache::OnDone done) {
  means_.purges.Mark(name);
  Tell(name, std::move(done));
}

void Behind::Tell(const std::string& purged, cache::OnDone done) {
  store_->CountPurge(purged, [self = shared_from_this(), purged, done = std::move(done)](const Result<int64_t>& count) {
    if (count) self->means_.purges.Settle(purged, *count);
    if (!done) return;
    const std::string name = self->store_->name();
    done(count ? Status()
               : Status(Unavailable("thrown away here, but " + name + " could not be told (" + count.error().message +
                                    "): it will be once it answers. Until then routers that share it, or this one "
                                    "after a restart, may give what was kept; to be sure, purge again")));
  });
}

void Behind::OnRead(const Status& read) {
  std::string why;
  {
    const std::lock_guard lock(mutex_);
    if (read) {
      failed_reads_ = 0;
      if (++worked_ == kTrusted) pause_ms_ = options_.first_pause_ms;
      return;
    }
    ++failures_;
    worked_ = 0;
    if (!reads_ || ++failed_reads_ < options_.max_failures || stopped_) return;
    reads_ = false;
    is_told_away_ = true;
    reads_again_ns_ = means_.clock.MonotonicNs() + pause_ms_ * kNsPerMs;
    pause_ms_ = std::min(pause_ms_ * 2, options_.max_pause_ms);
    why = read.error().message;
  }
  Log(store_->name() + " does not answer (" + why +
      ") and is left alone; answers are kept in memory only until it does");
}

void Behind::OnWritten(const Status& written) {
  bool now = false;
  {
    const std::lock_guard lock(mutex_);
    const bool before = writes_;
    if (written) {
      failed_writes_ = 0;
      writes_ = true;
    } else {
      ++failures_;
      if (++failed_writes_ >= options_.max_failures && !stopped_) {
        writes_ = false;
        writes_again_ns_ = means_.clock.MonotonicNs() + options_.first_pause_ms * kNsPerMs;
      }
    }
    now = writes_;
    if (before == now) return;
  }
  Log(store_->name() +
      (now ? " is written again" : " cannot be written (" + written.error().message + "); what it has is still given"));
}

bool Behind::in_use() const {
  const std::lock_guard lock(mutex_);
  return reads_ && !stopped_;
}

void Behind::Log(const std::string& line) const {
  if (means_.log) means_.log("cache: " + line);
}

void Behind::Stop() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(stopped_, true)) return;
  }
  store_->Stop();
}

}  // namespace troupe::answers
