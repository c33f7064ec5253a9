#include "router/journal/check.h"

#include <set>
#include <unordered_map>
#include <utility>

#include "router/journal/codec.h"
#include "router/journal/folder_lock.h"
#include "router/journal/payload_names.h"
#include "router/journal/sqlite.h"
#include "router/journal/sqlite_schema.h"
#include "runtime/base/digest.h"
#include "troupe/v1/graph.pb.h"

namespace troupe::journal {
namespace {

constexpr size_t kMaxProblems = 100;

class Checker {
 public:
  explicit Checker(Database& database) : database_(database) {}

  Result<CheckReport> Run() {
    TRY(CheckDatabase());
    TRY(ReadVersions());
    TRY(ReadGraphEvents());
    TRY(ReadRemovals());
    TRY(CheckTasks());
    TRY(CheckPayloads());
    TRY(CheckUses());
    return std::move(report_);
  }

 private:
  struct Task {
    int64_t key = 0;
    std::string uuid;
    bool running = false;
    int64_t last_sequence = 0;
    // As far as they were looked at.
    int64_t records = 0;
    bool ended = false;
  };

  void Problem(const std::string& what) {
    ++report_.problem_count;
    if (report_.problems.size() < kMaxProblems) report_.problems.push_back(what);
  }

  // Calls `each` for every row.
  template <typename Each>
  Status ForEach(const char* sql, Each each) {
    TRY_ASSIGN(Statement statement, database_.Prepare(sql));
    while (true) {
      TRY_ASSIGN(const bool row, statement.Step());
      if (!row) return {};
      each(statement);
    }
  }

  Status CheckDatabase() {
    return ForEach("PRAGMA integrity_check(100)", [this](const Statement& row) {
      if (const std::string said = row.Text(0); said != "ok") Problem("the database: " + said);
    });
  }
  Status ReadVersions() {
    return ForEach("SELECT name, version FROM graphs", [this](const Statement& row) {
      versions_.insert({row.Text(0), row.Text(1)});
      ++report_.graph_versions;
    });
  }
  Status ReadGraphEvents() {
    return ForEach("SELECT id, bytes FROM graph_events", [this](const Statement& row) {
      v1::GraphEvent event;
      if (event.ParseFromString(row.Blob(1)) && !event.name().empty()) return;
      Problem("event " + std::to_string(row.Integer(0)) + " of a graph's versions cannot be read");
    });
  }
  Status ReadRemovals() {
    return ForEach("SELECT task FROM removals", [this](const Statement& row) { removals_.insert(row.Integer(0)); });
  }

  // Tasks and records side by side, both in the order of keys.
  Status CheckTasks() {
    TRY_ASSIGN(Statement records, database_.Prepare("SELECT id, bytes FROM records ORDER BY id"));
    TRY_ASSIGN(bool record, records.Step());
    // Records of tasks before `key`: of none.
    const auto skip_to = [&](int64_t key) -> Status {
      while (record && records.Integer(0) < RecordId(key, 0)) {
        TakeOrphan(records);
        TRY_ASSIGN(record, records.Step());
      }
      return {};
    };
    TRY_ASSIGN(Statement tasks, database_.Prepare("SELECT key, uuid, state, last_sequence, graph, version FROM tasks "
                                                  "ORDER BY key"));
    while (true) {
      TRY_ASSIGN(const bool row, tasks.Step());
      if (!row) break;
      Task task{tasks.Integer(0), tasks.Text(1), tasks.Integer(2) == 0, tasks.Integer(3)};
      if (!versions_.contains({tasks.Text(4), tasks.Text(5)})) {
        Problem("task " + task.uuid + " is on version " + tasks.Text(5) + " of graph " + tasks.Text(4) +
                ", which is not there");
      }
      TRY(skip_to(task.key));
      while (record && records.Integer(0) <= RecordId(task.key, kMaxSequence)) {
        Take(records, task);
        TRY_ASSIGN(record, records.Step());
      }
      EndTask(task);
    }
    while (record) {
      TakeOrphan(records);
      TRY_ASSIGN(record, records.Step());
    }
    return {};
  }

  void TakeOrphan(const Statement& row) {
    const int64_t key = row.Integer(0) / RecordId(1, 0);
    if (!removals_.contains(key))
      return Problem("a record of task number " + std::to_string(key) + ", which is not there");
    Mention(row.Blob(1));
  }
  void Mention(const std::string& bytes) {
    ++report_.records;
    const auto names = PayloadNamesIn(bytes);
    if (!names) return;
    for (const std::string& name : *names) ++mentions_[name];
  }

  void Take(const Statement& row, Task& task) {
    const int64_t sequence = row.Integer(0) - RecordId(task.key, 0);
    const std::string which = "record " + std::to_string(sequence) + " of task " + task.uuid;
    if (sequence != ++task.records) Problem("a gap before " + which);
    task.records = sequence;
    if (task.ended) Problem(which + " comes after the task's end");
    const std::string bytes = row.Blob(1);
    v1::Record record;
    Mention(bytes);
    if (!record.ParseFromString(bytes)) return Problem(which + " cannot be read");
    if (record.sequence() != sequence || record.task_id() != task.uuid) Problem(which + " says that it is another");
    task.ended = EndsTask(record);
  }

  void EndTask(const Task& task) {
    ++report_.tasks;
    report_.running += task.running ? 1 : 0;
    if (task.records == 0) Problem("task " + task.uuid + " has no records");
    if (task.ended == task.running) {
      Problem(
          "task " + task.uuid +
          (task.running ? " is running, its records say that it has ended" : " has ended, its records do not say so"));
    }
    if (!task.running && task.last_sequence != task.records) {
      Problem("task " + task.uuid + " has ended with record " + std::to_string(task.last_sequence) +
              ", its records end at " + std::to_string(task.records));
    }
  }

  Status CheckPayloads() {
    std::unordered_map<std::string, int64_t> missing = mentions_;
    TRY(ForEach("SELECT sha256, bytes FROM payloads", [&](const Statement& row) {
      ++report_.payloads;
      const std::string name = row.Text(0);
      if (Sha256Hex(row.Blob(1)) != name) Problem("payload " + name + " is not what its name says");
      if (missing.erase(name) == 0) Problem("payload " + name + " is named by no record");
    }));
    for (const auto& [name, count] : missing) {
      Problem("payload " + name + " is missing; records name it " + std::to_string(count) + " times");
    }
    return {};
  }

  Status CheckUses() {
    TRY(ForEach("SELECT sha256, uses FROM payload_uses", [&](const Statement& row) {
      const auto found = mentions_.find(row.Text(0));
      const int64_t mentions = found == mentions_.end() ? 0 : found->second;
      if (mentions != row.Integer(1)) {
        Problem("payload " + row.Text(0) + " is counted " + std::to_string(row.Integer(1)) +
                " times, records name it " + std::to_string(mentions) + " times");
      }
      if (found != mentions_.end()) mentions_.erase(found);
    }));
    for (const auto& [name, count] : mentions_) Problem("payload " + name + " is not counted");
    return {};
  }

  Database& database_;
  CheckReport report_;
  std::set<std::pair<std::string, std::string>> versions_;
  std::set<int64_t> removals_;
  std::unordered_map<std::string, int64_t> mentions_;
};

}  // namespace

Result<CheckReport> CheckSqlite(const std::filesystem::path& folder, const std::string& vfs) {
  const std::filesystem::path file = folder / "journal.db";
  if (vfs.empty() && !std::filesystem::exists(file)) {
    return NotFound(folder.string() + " holds no journal: name the folder that the router is given with --data");
  }
  TRY_ASSIGN(const FolderLock lock, FolderLock::Take(folder));
  TRY_ASSIGN(Database database, Database::Open(file.string(), Database::Mode::kReadWrite, vfs));
  TRY(database.Execute("PRAGMA query_only = ON"));
  TRY_ASSIGN(const int64_t version, ReadSchemaVersion(database, file.string()));
  if (version != kSchemaVersion) {
    return FailedPrecondition(file.string() + " has schema " + std::to_string(version) +
                              ", this release checks schema " + std::to_string(kSchemaVersion) +
                              (version < kSchemaVersion ? ": start the router once, it brings the journal forward"
                                                        : ": use the release that wrote it"));
  }
  return Checker(database).Run();
}

}  // namespace troupe::journal
