// Where tasks are written down, so that they survive the router. A Journal takes records in the order in which they are
// appended, makes them durable in groups (one flush to disk for many records), and then tells whoever waits.
//
// Owner: the router's main. Append may be called from any thread and never waits for the disk; OnDurable is called on
// the journal's own thread, in the order of appending. Reads block the calling thread for a disk access: call them from
// a thread that may wait. Close writes what is queued and stops the thread; the destructor does not wait for queued
// records longer than one failed attempt to write them. SQLite is the implementation of the first round; PostgreSQL
// comes in behind the same interface.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "router/core/student_tally.h"
#include "router/core/task.h"
#include "runtime/base/clock.h"
#include "runtime/base/error.h"

namespace troupe::journal {

// A task's number within this journal: 1, 2, 3, ... in the order of acceptance.
using TaskKey = int64_t;

enum class Durability {
  kFull,     // OnDurable once the record is on disk
  kRelaxed,  // OnDurable at once, written with the next group
  kNone,     // OnDurable at once, never written: the task is lost with the router
};

// Canonical JSON, stored once by its digest.
struct Blob {
  std::string sha256;
  std::string json;
};

// What is kept about a task besides its records. Comes with its first entry.
struct NewTask {
  std::string uuid;
  // Empty for none; otherwise unique in the journal.
  std::string request_id;
  // SHA-256 of what the client asked for under that request_id.
  std::string request_digest;
  std::string graph;
  std::string version;
  UnixMs accepted_ms = 0;
  std::map<std::string, std::string> labels;
};

// Comes with the record that ends the task.
struct EndedTask {
  core::TaskStatus status = core::TaskStatus::kDone;
  UnixMs ended_ms = 0;
  core::StudentTally students;
};

class Waiter {
 public:
  virtual ~Waiter() = default;
  // Every record of this waiter's up to `sequence` may be shown. Must not block.
  virtual void OnDurable(int64_t sequence) = 0;
};

struct RecordRow {
  int64_t sequence = 0;
  std::string bytes;
};

struct Entry {
  TaskKey task = 0;
  int64_t sequence = 0;
  // A serialised troupe.v1.Record.
  std::string bytes;
  // Earlier records of the same task, written together with this one or not at all: those that a copy begins with.
  std::vector<RecordRow> before;
  std::vector<Blob> blobs;
  std::optional<NewTask> accepted;
  std::optional<EndedTask> ended;
  Durability durability = Durability::kFull;
  // Somebody waits to see it. One that nobody waits for may share the flush of a later one, a few milliseconds on.
  bool urgent = true;
  std::shared_ptr<Waiter> waiter;
};

struct TaskRow {
  TaskKey key = 0;
  NewTask task;
  core::TaskStatus status = core::TaskStatus::kRunning;
  UnixMs ended_ms = 0;
  // 0 while it runs.
  int64_t last_sequence = 0;
};

struct GraphRow {
  std::string name;
  std::string version;
  // A serialised troupe.v1.GraphSource. To SaveGraph empty means that no version is written, only the event.
  std::string source;
  UnixMs applied_ms = 0;
  // New tasks run on it.
  bool current = false;
};

// How many of a graph's tasks ended how on one of its versions, and what their students did.
struct VersionCount {
  std::string version;
  core::TaskStatus status = core::TaskStatus::kDone;
  int64_t tasks = 0;
  core::StudentTally students;
};

struct TaskFilter {
  std::string graph;
  std::optional<core::TaskStatus> status;
  std::map<std::string, std::string> labels;
  // Only tasks with a smaller key; 0 for the newest.
  TaskKey before = 0;
  int limit = 100;
};

class Journal {
 public:
  virtual ~Journal() = default;

  // Queues a record. Never fails and never waits: the number of records on their way is bounded by the number of
  // running tasks, which Health keeps bounded.
  virtual void Append(Entry entry) = 0;

  // Somebody now waits for what was appended before: write it at once.
  virtual void Hurry() = 0;

  // Whether new tasks may be taken in. Errors: RESOURCE_EXHAUSTED while too many records wait for the disk; UNAVAILABLE
  // with the reason while writing fails (disk full, read-only, device error).
  virtual Status Health() const = 0;

  // Makes a graph version durable, and current for its name where the row says so, together with what happened (a
  // serialised troupe.v1.GraphEvent; empty for none). Waits for the disk.
  virtual Status SaveGraph(GraphRow graph, std::string event) = 0;
  Status SaveGraph(GraphRow graph) { return SaveGraph(std::move(graph), ""); }
  virtual Result<std::vector<GraphRow>> ReadGraphs() = 0;
  // All graphs' events, oldest first.
  virtual Result<std::vector<std::string>> ReadGraphEvents() = 0;
  // Of the graph's tasks with a larger key that have ended. Looks at every task after it.
  virtual Result<std::vector<VersionCount>> CountEnded(const std::string& graph, TaskKey after) = 0;

  // The key of the newest task ever taken in; 0 for none.
  virtual Result<TaskKey> LastKey() = 0;
  // Tasks that have not ended, oldest first.
  virtual Result<std::vector<TaskRow>> Unfinished() = 0;
  // By uuid or by request_id. Nothing where there is none.
  virtual Result<std::optional<TaskRow>> FindTask(const std::string& uuid) = 0;
  virtual Result<std::optional<TaskRow>> FindRequest(const std::string& request_id) = 0;
  // Newest first.
  virtual Result<std::vector<TaskRow>> ListTasks(const TaskFilter& filter) = 0;
  // Records with a sequence above `after`, oldest first: at most `max_records`, and none beyond the one that takes the
  // total over `max_bytes`.
  virtual Result<std::vector<RecordRow>> ReadRecords(TaskKey task, int64_t after, int max_records,
                                                     size_t max_bytes) = 0;
  // Errors: DATA_LOSS where the payload store has no such digest.
  virtual Result<std::string> ReadBlob(const std::string& sha256) = 0;

  // How often a group was flushed to disk, and how long that took in all: for figures, not for decisions.
  struct Stats {
    int64_t records = 0;
    int64_t groups = 0;
    int64_t commit_us = 0;
  };
  virtual Stats GetStats() const = 0;

  // Writes what is queued, then stops. Errors: what kept the rest from being written.
  virtual Status Close() = 0;
};

}  // namespace troupe::journal
