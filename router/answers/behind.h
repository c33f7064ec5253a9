// The store behind memory, as its users see it: it never takes longer than a limit, and while it fails it is left
// alone, so that nobody waits for what does not answer. Reading and writing are judged apart: a full disk can still be
// read. Once a second the store is asked how often answers were thrown away; so routers that share it take notice of
// each other's purges, and so one that was left alone is found to answer again, purges first.
//
// Owner: Answers. Thread-safe. Stops: Stop, while `post` still works.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "router/answers/purges.h"
#include "router/cache/store.h"
#include "router/dispatch/timers.h"
#include "runtime/base/clock.h"

namespace troupe::answers {

struct BehindOptions {
  // How long one answer is waited for.
  int64_t limit_ms = 50;
  // Failures in a row after which it is left alone.
  int max_failures = 3;
  // For how long at least; doubled each time until it works for a while.
  int64_t first_pause_ms = 1'000;
  int64_t max_pause_ms = 60'000;
  // How often purges are shared.
  int64_t share_every_ms = 1'000;
  // How long a start waits for the store.
  int64_t start_limit_ms = 1'000;
};

class Behind : public std::enable_shared_from_this<Behind> {
 public:
  // What they use outlives Stop. `post` runs work on another thread than the caller's.
  struct Means {
    Purges& purges;
    dispatch::Timers& timers;
    const Clock& clock;
    std::function<void(std::function<void()>)> post;
    // May be empty.
    std::function<void(const std::string&)> log;
  };
  Behind(std::unique_ptr<cache::BackStore> store, const BehindOptions& options, Means means);

  // Hears of purges; the store is not read before that. One that does not answer in time is left alone.
  void Start();

  // `done` is called at once where the store is left alone, else from another thread. Errors: UNAVAILABLE, then;
  // DEADLINE_EXCEEDED; the store's. They say nothing of whether there is an answer.
  void Find(const std::string& key, cache::OnEntry done);
  // Nobody waits for it.
  void Put(const std::string& key, cache::Entry entry);
  // Throws away what was kept under that name. Errors: UNAVAILABLE where the store could not be told yet: it holds
  // here, and for others as soon as it can.
  void Purge(const std::string& name, cache::OnDone done);

  bool in_use() const;
  cache::BackStore& store() { return *store_; }
  int64_t failures() const { return failures_; }
  void Stop();

 private:
  struct Question;

  // Nothing once it is stopped: what was asked is then given up by who let go of it.
  void Post(std::function<void()> work);
  void Share();
  void ShareLater();
  void OnShared(const Result<cache::PurgeCounts>& shared);
  void Tell(const std::string& purged, cache::OnDone done);
  void OnRead(const Status& read);
  void OnWritten(const Status& written);
  void Log(const std::string& line) const;

  const std::unique_ptr<cache::BackStore> store_;
  const BehindOptions options_;
  const Means means_;
  std::atomic<int64_t> failures_{0};

  mutable std::mutex mutex_;
  bool stopped_ = false;
  // Whether it is read, and whether it is written: one of the two.
  bool reads_ = false;
  bool writes_ = true;
  int failed_reads_ = 0, failed_writes_ = 0;
  // Of reads since the last one that failed.
  int worked_ = 0;
  int64_t pause_ms_;
  // Not before that.
  int64_t reads_again_ns_ = 0, writes_again_ns_ = 0;
  // The log says that it does not answer.
  bool is_told_away_ = false;
};

}  // namespace troupe::answers
