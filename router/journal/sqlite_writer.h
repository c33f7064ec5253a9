// The one thread that writes the SQLite journal. It takes everything that is queued as one group, writes it in one
// transaction (one flush to disk), and only then tells those who wait. A group that cannot be written is kept and tried
// again, so a full disk delays answers and loses nothing.
#pragma once

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "router/journal/journal.h"
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
  };

  static Result<std::unique_ptr<SqliteWriter>> Start(Database database, const Options& options);
  ~SqliteWriter();

  void Append(Entry entry);
  void Hurry();
  Status SaveGraph(GraphRow graph);
  Status Health() const;
  Journal::Stats GetStats() const;
  Status Close();

 private:
  struct GraphWrite {
    GraphRow row;
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
  Status Write(Group& group);
  // By task, for those that begin in a group: the entry that ends it in the same group, or null.
  using Ends = std::unordered_map<TaskKey, const Entry*>;
  static Ends EndsOfNewTasks(const Group& group);
  Status WriteEntry(const Entry& entry, const Ends& ends);
  Status WriteGraph(const GraphRow& row);
  void Tell(Group& group);

  Database database_;
  const Options options_;
  Statement begin_, commit_, rollback_, insert_task_, end_task_, insert_record_, insert_blob_, clear_current_,
      insert_graph_;

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
