// The one thread that writes the SQLite journal. It takes everything that is queued as one group, writes it in one
// transaction (one flush to disk), and only then tells those who wait. A group that cannot be written is kept and tried
// again, so a full disk delays answers and loses nothing.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "router/journal/journal.h"
#include "router/journal/retention.h"
#include "router/journal/sqlite.h"

namespace troupe::journal {

class SqliteWriter {
 public:
  struct Options {
    // New tasks are refused while more records than this wait for the disk.
    size_t max_queued = 65'536;
    // The pause before a group that failed is tried again.
    int64_t retry_ms = 200;
    // How long records that nobody waits for may wait for company.
    int64_t linger_ms = 5;
    RetentionOptions retention;
    const Clock* clock = &SystemClock();
    // Told when writing begins to fail, and when it works again.
    std::function<void(const std::string&)> log;
  };

  static Result<std::unique_ptr<SqliteWriter>> Start(Database database, const Options& options);
  ~SqliteWriter();

  void Append(Entry entry);
  void Hurry();
  Status SaveGraph(GraphRow graph, std::string event);
  Status Health() const;
  Journal::Stats GetStats() const;
  Status Close();

 private:
  struct GraphWrite {
    GraphRow row;
    std::string event;
    std::promise<Status> done;
  };
  struct Group {
    std::vector<Entry> entries;
    std::vector<std::unique_ptr<GraphWrite>> graphs;
    bool empty() const { return entries.empty() && graphs.empty(); }
  };

  SqliteWriter(Database database, const Options& options) : database_(std::move(database)), options_(options) {}
  Status PrepareAll();
  void Main();
  // Until there is something to write; what is no longer kept is removed meanwhile. Nothing: closing, and all is
  // written.
  std::optional<Group> Next();
  // Until it is written. False: closing, and it cannot be written.
  bool Persist(Group& group);
  Status Write(Group& group);
  // One batch, where one is due.
  void Retain();
  // By task, for those that begin in a group: the entry that ends it in the same group, or null.
  using Ends = std::unordered_map<TaskKey, const Entry*>;
  static Ends EndsOfNewTasks(const Group& group);
  Status WriteEntry(const Entry& entry, const Ends& ends);
  Status WriteGraph(const GraphWrite& graph);
  void Tell(Group& group);
  // Says so where writing has begun to fail, or works again.
  void LogChange(const Status& before, const Status& now) const;

  Database database_;
  const Options options_;
  Statement begin_, commit_, rollback_, probe_, insert_task_, end_task_, insert_record_, insert_blob_, count_blob_,
      clear_current_, insert_graph_, insert_event_;
  std::unique_ptr<Retention> retention_;
  std::chrono::steady_clock::time_point retained_at_;
  bool retention_failed_ = false;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Group queue_;
  // Something in the queue is waited for.
  bool urgent_ = false;
  // The thread sleeps until it is woken (with nothing in the queue), or until it is woken or has lingered.
  enum class Sleep { kNone, kIdle, kLingering };
  Sleep sleep_ = Sleep::kNone;
  bool closing_ = false;
  Status failure_;
  Journal::Stats stats_;
  std::thread thread_;
};

}  // namespace troupe::journal
