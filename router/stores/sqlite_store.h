// Kept answers in an SQLite file, which a restart finds again. All of SQLite happens on one thread of the store's own;
// what waits there is bounded. A file that turns out to be damaged is moved away and no more asked; the next start
// begins anew.
//
// Owner: Answers. Thread-safe. Stops: Stop, once what was asked for is done.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "router/cache/store.h"
#include "router/stores/batch_thread.h"
#include "router/stores/sqlite_file.h"
#include "runtime/base/clock.h"

namespace troupe::stores {

using Log = std::function<void(const std::string&)>;

class SqliteStore final : public cache::BackStore {
 public:
  // `clock` must outlive the store. Errors: as SqliteFile::Open; a damaged file is none.
  static Result<std::unique_ptr<SqliteStore>> Open(const SqliteFileOptions& options, const Clock& clock, Log log);
  ~SqliteStore() override;

  void Get(std::string key, cache::OnEntry done) override;
  void Put(std::string key, cache::Entry entry, cache::OnDone done) override;
  Stats GetStats() const override;
  std::string name() const override { return "sqlite:" + options_.path.string(); }
  void CountPurge(std::string purged, std::function<void(Result<int64_t>)> done) override;
  void SharePurges(cache::PurgeCounts known, std::function<void(Result<cache::PurgeCounts>)> done) override;
  void ReadQuestions(int64_t before, int max, std::function<void(Result<Questions>)> done) override;
  void ReadLearned(std::function<void(Result<Learned>)> done) override;
  void SaveLearned(std::string step, cache::ThresholdState state, cache::OnDone done) override;
  void Stop() override { thread_.Stop(); }

 private:
  // One of the two: something to ask, or a row to write. Told UNAVAILABLE or not at all where it cannot be taken in.
  struct Job {
    std::function<void()> ask;
    SqliteFile::Row row;
    cache::OnDone written;
  };

  SqliteStore(SqliteFile file, const SqliteFileOptions& options, const Clock& clock, Log log);
  // `work` gives a Result<T>, on the thread.
  template <typename T>
  void Ask(std::function<Result<T>()> work, std::function<void(Result<T>)> done);
  void Work(std::vector<Job> batch);
  Result<std::optional<cache::Entry>> Find(const std::string& key);
  Result<Questions> QuestionsBefore(int64_t before, int max);
  void Note(const Status& done);

  const SqliteFileOptions options_;
  const Clock& clock_;
  const Log log_;
  // On the thread.
  SqliteFile file_;
  // Not OK once the file was found damaged.
  Status whole_;
  std::atomic<int64_t> hits_{0}, misses_{0}, evicted_{0}, bytes_{0};
  BatchThread<Job> thread_;
};

}  // namespace troupe::stores
