// How long a journal keeps what is over. Finished tasks beyond the limits lose their row at once and their records bit
// by bit; with the last record that names it a payload goes, and with the last task a graph version that is not among
// the newest. Free pages are given back to the disk where they are many, and used again otherwise.
//
// Payloads are counted: every record adds its mentions in the transaction that writes it, and takes them along in the
// one that removes it. Both are the writer's, one after the other, and every record brings its payloads with it, so a
// payload is there as long as any record names it, whatever comes in meanwhile.
//
// Owner: SqliteWriter, on its thread, between groups. A batch is one transaction of bounded size.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "router/journal/sqlite.h"
#include "runtime/base/clock.h"

namespace troupe::journal {

struct RetentionOptions {
  // Finished tasks that ended longer ago are removed; 0 keeps them for ever.
  int64_t max_age_ms = 0;
  // More finished tasks than this, and the first ones taken in are removed; 0 for no limit.
  int64_t max_tasks = 0;
  // Versions of a graph that are kept for going back to, besides those that tasks were done on. Counts only where one
  // of the limits above is set.
  int graph_versions = 10;
  // The pause between two looks at the journal: at least this, and a thousandth of max_age_ms.
  int64_t pause_ms = 60'000;

  bool limited() const { return max_age_ms > 0 || max_tasks > 0; }
};

class Retention {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  static Result<std::unique_ptr<Retention>> Prepare(Database& database, const RetentionOptions& options,
                                                    const Clock& clock);

  // When there is something to do: from then on Run may be called.
  Moment due() const { return due_; }
  // One batch. Outside a transaction. Errors: those of the database; the batch is undone and tried again later.
  Status Run();
  // So many tasks have ended.
  void OnEnded(int64_t tasks);

 private:
  enum class Phase { kTasks, kGraphs, kSpace };
  struct Version {
    std::string graph;
    std::string version;
    bool operator<(const Version& other) const {
      return std::tie(graph, version) < std::tie(other.graph, other.version);
    }
  };

  Retention(Database& database, const RetentionOptions& options, const Clock& clock)
      : database_(database), options_(options), clock_(clock) {}
  Status PrepareAll();
  Status Batch();
  Status CountFinished();
  // True where the budget is used up.
  Result<bool> RemoveRecords();
  Result<int64_t> RemoveRecordsOf(int64_t task, int64_t budget);
  Status Forget(const std::string& sha256);
  Status PickTasks();
  Status FindUnusedVersions();
  Status DropUnusedVersions();
  Status GiveSpaceBack();
  void EndPhase(Phase next);
  void EndRound();

  Database& database_;
  const RetentionOptions options_;
  const Clock& clock_;
  Statement begin_, commit_, rollback_, count_, removal_, records_, delete_records_, use_less_, unused_, delete_use_,
      delete_payload_, delete_removal_, tasks_, delete_task_, insert_removal_, versions_, task_versions_,
      delete_version_, pages_, free_pages_, vacuum_mode_;

  Moment due_ = Moment::max();
  Phase phase_ = Phase::kTasks;
  // What was looked at in this phase: tasks up to this key.
  int64_t cursor_ = 0;
  // Finished tasks in the journal; -1 where that has not been counted.
  int64_t finished_ = -1;
  // Versions that may go, unless the tasks that are still to be looked at were done on them.
  std::set<Version> candidates_;
  bool candidates_known_ = false;
};

}  // namespace troupe::journal
