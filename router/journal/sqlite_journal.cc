#include "router/journal/sqlite_journal.h"

#include <utility>

#include "router/journal/folder_lock.h"
#include "router/journal/gather_vfs.h"
#include "router/journal/migrations.h"
#include "router/journal/sqlite_reader.h"
#include "router/journal/sqlite_schema.h"
#include "router/journal/sqlite_writer.h"

namespace troupe::journal {
namespace {

class SqliteJournal final : public Journal {
 public:
  SqliteJournal(FolderLock lock, std::unique_ptr<SqliteReader> reader, std::unique_ptr<SqliteWriter> writer)
      : lock_(std::move(lock)), writer_(std::move(writer)), reader_(std::move(reader)) {}

  void Append(Entry entry) override { writer_->Append(std::move(entry)); }
  void Hurry() override { writer_->Hurry(); }
  Status Health() const override { return writer_->Health(); }
  Status SaveGraph(GraphRow graph, std::string event) override {
    return writer_->SaveGraph(std::move(graph), std::move(event));
  }
  Result<std::vector<GraphRow>> ReadGraphs() override { return reader_->ReadGraphs(); }
  Result<std::vector<std::string>> ReadGraphEvents() override { return reader_->ReadGraphEvents(); }
  Result<std::vector<VersionCount>> CountEnded(const std::string& graph, TaskKey after) override {
    return reader_->CountEnded(graph, after);
  }
  Result<TaskKey> LastKey() override { return reader_->LastKey(); }
  Result<std::vector<TaskRow>> Unfinished() override { return reader_->Unfinished(); }
  Result<std::optional<TaskRow>> FindTask(const std::string& uuid) override { return reader_->FindTask(uuid); }
  Result<std::optional<TaskRow>> FindRequest(const std::string& id) override { return reader_->FindRequest(id); }
  Result<std::vector<TaskRow>> ListTasks(const TaskFilter& filter) override { return reader_->ListTasks(filter); }
  Result<std::vector<RecordRow>> ReadRecords(TaskKey task, int64_t after, int max_records, size_t max_bytes) override {
    return reader_->ReadRecords(task, after, max_records, max_bytes);
  }
  Result<std::string> ReadBlob(const std::string& sha256) override { return reader_->ReadBlob(sha256); }
  Stats GetStats() const override { return writer_->GetStats(); }
  Status Close() override { return writer_->Close(); }

 private:
  FolderLock lock_;
  // The writer's connection is the last to go: that one can put the log's pages where they belong, a reader cannot.
  std::unique_ptr<SqliteWriter> writer_;
  std::unique_ptr<SqliteReader> reader_;
};

}  // namespace

Result<std::unique_ptr<Journal>> OpenSqlite(const std::filesystem::path& folder, const SqliteOptions& options) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) {
    return FailedPrecondition(folder.string() + ": " + failed.message() +
                              "; choose a folder that this user may make with --data");
  }
  TRY_ASSIGN(FolderLock lock, FolderLock::Take(folder));
  const std::string path = (folder / "journal.db").string();
  TRY_ASSIGN(const std::string vfs, GatherWrites(options.vfs));
  TRY_ASSIGN(Database database, Database::Open(path, Database::Mode::kReadWrite, vfs));
  TRY(PrepareSchema(database, path, [&](int64_t from) -> Status {
    const std::string copy = path + ".v" + std::to_string(from);
    if (options.log) {
      options.log(path + " was written by an earlier release: a copy is kept as " + copy +
                  ", then it is brought to schema " + std::to_string(kSchemaVersion));
    }
    // Where the disk is not the machine's own, there is no file to copy.
    return options.vfs.empty() ? KeepCopy(database, path, copy) : Status();
  }));
  if (options.max_pages > 0) {
    TRY(database.Execute(("PRAGMA max_page_count = " + std::to_string(options.max_pages)).c_str()));
  }
  database.SetLockWait(options.lock_wait_ms);
  TRY_ASSIGN(std::unique_ptr<SqliteReader> reader, SqliteReader::Open(path, options.vfs));
  TRY_ASSIGN(std::unique_ptr<SqliteWriter> writer,
             SqliteWriter::Start(std::move(database), {
                                                          .max_queued = options.max_queued,
                                                          .retry_ms = options.retry_ms,
                                                          .linger_ms = options.linger_ms,
                                                          .retention = options.retention,
                                                          .clock = options.clock,
                                                          .log = options.log,
                                                      }));
  return std::unique_ptr<Journal>(new SqliteJournal(std::move(lock), std::move(reader), std::move(writer)));
}

}  // namespace troupe::journal
