#include "router/journal/sqlite_reader.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "router/journal/sqlite_schema.h"
#include "runtime/base/value.h"

namespace troupe::journal {
namespace {

#define TROUPE_TASK_COLUMNS \
  "key, uuid, request_id, request_digest, graph, version, state, accepted_ms, ended_ms, last_sequence, labels"

// Leaves a statement ready for its next use, however the function around it ends.
class Using {
 public:
  explicit Using(Statement& statement) : statement_(statement) {}
  ~Using() { statement_.Reset(); }
  Using(const Using&) = delete;
  Using& operator=(const Using&) = delete;

 private:
  Statement& statement_;
};

Result<TaskRow> ReadTask(const Statement& row) {
  TaskRow out;
  out.key = row.Integer(0);
  out.task.uuid = row.Text(1);
  out.task.request_id = row.Text(2);
  out.task.request_digest = row.Text(3);
  out.task.graph = row.Text(4);
  out.task.version = row.Text(5);
  const int64_t status = row.Integer(6);
  if (status < 0 || status > static_cast<int64_t>(core::TaskStatus::kCancelled)) {
    return Error{Code::kDataLoss, "task " + out.task.uuid + " is in state " + std::to_string(status) +
                                      ", which this release does not know"};
  }
  out.status = static_cast<core::TaskStatus>(status);
  out.task.accepted_ms = row.Integer(7);
  out.ended_ms = row.Integer(8);
  out.last_sequence = row.Integer(9);
  if (const std::string labels = row.Text(10); !labels.empty()) {
    TRY_ASSIGN(const Value value, ParseValue(labels));
    for (const auto& [key, label] : value.items()) {
      if (label.is_string()) out.task.labels[key] = label.get<std::string>();
    }
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<SqliteReader>> SqliteReader::Open(const std::string& path, const std::string& vfs) {
  TRY_ASSIGN(Database database, Database::Open(path, Database::Mode::kReadOnly, vfs));
  TRY(database.Execute("PRAGMA cache_size = -16384"));
  std::unique_ptr<SqliteReader> reader(new SqliteReader(std::move(database)));
  const std::pair<Statement*, const char*> all[] = {
      {&reader->graphs_, "SELECT name, version, source, applied_ms, current FROM graphs ORDER BY name, applied_ms"},
      {&reader->events_, "SELECT bytes FROM graph_events ORDER BY id"},
      {&reader->ended_,
       "SELECT version, state, count(*), sum(answers), sum(unsure), sum(checked), sum(differing) FROM tasks "
       "WHERE key > ? AND graph = ? AND state > 0 GROUP BY version, state"},
      // Also of tasks that were removed: their records may still be there.
      {&reader->last_key_,
       "SELECT max((SELECT ifnull(max(key), 0) FROM tasks), (SELECT ifnull(max(task), 0) FROM removals), "
       "(SELECT ifnull(max(id), 0) / ? FROM records))"},
      {&reader->unfinished_,
       "SELECT " TROUPE_TASK_COLUMNS " FROM tasks INDEXED BY tasks_running WHERE state = 0 ORDER BY key"},
      {&reader->by_uuid_, "SELECT " TROUPE_TASK_COLUMNS " FROM tasks WHERE uuid = ?"},
      {&reader->by_request_, "SELECT " TROUPE_TASK_COLUMNS " FROM tasks WHERE request_id = ?"},
      {&reader->list_,
       "SELECT " TROUPE_TASK_COLUMNS
       " FROM tasks WHERE key < ?1 AND (?2 = '' OR graph = ?2) AND (?3 < 0 OR state = ?3) ORDER BY key DESC"},
      {&reader->records_, "SELECT id, bytes FROM records WHERE id > ? AND id <= ? ORDER BY id LIMIT ?"},
      {&reader->blob_, "SELECT bytes FROM payloads WHERE sha256 = ?"},
  };
  for (const auto& [statement, sql] : all) {
    TRY_ASSIGN(*statement, reader->database_.Prepare(sql));
  }
  return reader;
}

Result<std::vector<GraphRow>> SqliteReader::ReadGraphs() {
  const std::lock_guard lock(mutex_);
  const Using use(graphs_);
  std::vector<GraphRow> out;
  while (true) {
    TRY_ASSIGN(const bool row, graphs_.Step());
    if (!row) return out;
    out.push_back({graphs_.Text(0), graphs_.Text(1), graphs_.Blob(2), graphs_.Integer(3), graphs_.Integer(4) != 0});
  }
}

Result<std::vector<std::string>> SqliteReader::ReadGraphEvents() {
  const std::lock_guard lock(mutex_);
  const Using use(events_);
  std::vector<std::string> out;
  while (true) {
    TRY_ASSIGN(const bool row, events_.Step());
    if (!row) return out;
    out.push_back(events_.Blob(0));
  }
}

Result<std::vector<VersionCount>> SqliteReader::CountEnded(const std::string& graph, TaskKey after) {
  const std::lock_guard lock(mutex_);
  const Using use(ended_);
  ended_.Bind(1, after).Bind(2, graph);
  std::vector<VersionCount> out;
  while (true) {
    TRY_ASSIGN(const bool row, ended_.Step());
    if (!row) return out;
    out.push_back({ended_.Text(0),
                   static_cast<core::TaskStatus>(ended_.Integer(1)),
                   ended_.Integer(2),
                   {.answers = ended_.Integer(3),
                    .unsure = ended_.Integer(4),
                    .checked = ended_.Integer(5),
                    .differing = ended_.Integer(6)}});
  }
}

Result<TaskKey> SqliteReader::LastKey() {
  const std::lock_guard lock(mutex_);
  const Using use(last_key_);
  TRY_ASSIGN(const bool row, last_key_.Bind(1, RecordId(1, 0)).Step());
  return row ? last_key_.Integer(0) : 0;
}

Result<std::vector<TaskRow>> SqliteReader::Unfinished() {
  const std::lock_guard lock(mutex_);
  const Using use(unfinished_);
  std::vector<TaskRow> out;
  while (true) {
    TRY_ASSIGN(const bool row, unfinished_.Step());
    if (!row) return out;
    TRY_ASSIGN(TaskRow task, ReadTask(unfinished_));
    out.push_back(std::move(task));
  }
}

Result<std::optional<TaskRow>> SqliteReader::FindOne(Statement& statement, const std::string& name) {
  const std::lock_guard lock(mutex_);
  const Using use(statement);
  TRY_ASSIGN(const bool row, statement.Bind(1, name).Step());
  if (!row) return std::optional<TaskRow>();
  TRY_ASSIGN(TaskRow task, ReadTask(statement));
  return std::optional<TaskRow>(std::move(task));
}

Result<std::optional<TaskRow>> SqliteReader::FindTask(const std::string& uuid) { return FindOne(by_uuid_, uuid); }

Result<std::optional<TaskRow>> SqliteReader::FindRequest(const std::string& request_id) {
  return FindOne(by_request_, request_id);
}

Result<std::vector<TaskRow>> SqliteReader::ListTasks(const TaskFilter& filter) {
  const std::lock_guard lock(mutex_);
  const Using use(list_);
  const auto max_key = std::numeric_limits<int64_t>::max();
  list_.Bind(1, filter.before > 0 ? filter.before : max_key)
      .Bind(2, filter.graph)
      .Bind(3, filter.status ? static_cast<int64_t>(*filter.status) : int64_t{-1});
  std::vector<TaskRow> out;
  while (static_cast<int>(out.size()) < filter.limit) {
    TRY_ASSIGN(const bool row, list_.Step());
    if (!row) break;
    TRY_ASSIGN(TaskRow task, ReadTask(list_));
    const auto& labels = task.task.labels;
    const bool wanted = std::all_of(filter.labels.begin(), filter.labels.end(), [&](const auto& label) {
      const auto found = labels.find(label.first);
      return found != labels.end() && found->second == label.second;
    });
    if (wanted) out.push_back(std::move(task));
  }
  return out;
}

Result<std::vector<RecordRow>> SqliteReader::ReadRecords(TaskKey task, int64_t after, int max_records,
                                                         size_t max_bytes) {
  const std::lock_guard lock(mutex_);
  const Using use(records_);
  records_.Bind(1, RecordId(task, std::clamp<int64_t>(after, 0, kMaxSequence)))
      .Bind(2, RecordId(task, kMaxSequence))
      .Bind(3, static_cast<int64_t>(max_records));
  std::vector<RecordRow> out;
  size_t bytes = 0;
  while (bytes < max_bytes) {
    TRY_ASSIGN(const bool row, records_.Step());
    if (!row) break;
    out.push_back({records_.Integer(0) - RecordId(task, 0), records_.Blob(1)});
    bytes += out.back().bytes.size();
  }
  return out;
}

Result<std::string> SqliteReader::ReadBlob(const std::string& sha256) {
  const std::lock_guard lock(mutex_);
  const Using use(blob_);
  TRY_ASSIGN(const bool row, blob_.Bind(1, sha256).Step());
  if (!row)
    return Error{Code::kDataLoss,
                 "the journal has no payload " + sha256 + ", although a record names it; bring it back from a backup"};
  return blob_.Blob(0);
}

}  // namespace troupe::journal
