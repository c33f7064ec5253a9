#include "router/journal/sqlite_journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "router/journal/gather_vfs.h"
#include "router/journal/sqlite_reader.h"
#include "router/journal/sqlite_schema.h"
#include "router/journal/sqlite_writer.h"

namespace troupe::journal {
namespace {

// Held as long as a router has the folder. The kernel lets go of it when the process ends, however it ends.
class FolderLock {
 public:
  FolderLock(FolderLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock() {
    if (file_ >= 0) close(file_);
  }

  static Result<FolderLock> Take(const std::filesystem::path& folder) {
    const std::string path = (folder / "journal.lock").string();
    const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) {
      return Error{Code::kPermissionDenied, path + ": " + std::strerror(errno) + "; may this user write there?"};
    }
    FolderLock lock(file);
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
      std::array<char, 32> holder{};
      const ssize_t size = pread(file, holder.data(), holder.size() - 1, 0);
      return FailedPrecondition(folder.string() + " is in use by another router" +
                                (size > 0 ? " (process " + std::string(holder.data(), size) + ")" : "") +
                                "; stop that one, or choose another folder with --data");
    }
    const std::string pid = std::to_string(getpid());
    if (ftruncate(file, 0) != 0 || pwrite(file, pid.data(), pid.size(), 0) < 0) {
      return Unavailable(path + ": " + std::strerror(errno));
    }
    return lock;
  }

 private:
  explicit FolderLock(int file) : file_(file) {}
  int file_;
};

class SqliteJournal final : public Journal {
 public:
  SqliteJournal(FolderLock lock, std::unique_ptr<SqliteReader> reader, std::unique_ptr<SqliteWriter> writer)
      : lock_(std::move(lock)), reader_(std::move(reader)), writer_(std::move(writer)) {}

  void Append(Entry entry) override { writer_->Append(std::move(entry)); }
  void Hurry() override { writer_->Hurry(); }
  Status Health() const override { return writer_->Health(); }
  Status SaveGraph(GraphRow graph) override { return writer_->SaveGraph(std::move(graph)); }
  Result<std::vector<GraphRow>> ReadGraphs() override { return reader_->ReadGraphs(); }
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
  std::unique_ptr<SqliteReader> reader_;
  std::unique_ptr<SqliteWriter> writer_;
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
  TRY_ASSIGN(const std::string vfs, GatherWrites(""));
  TRY_ASSIGN(Database database, Database::Open(path, Database::Mode::kReadWrite, vfs));
  TRY(PrepareSchema(database, path));
  if (options.max_pages > 0) {
    TRY(database.Execute(("PRAGMA max_page_count = " + std::to_string(options.max_pages)).c_str()));
  }
  TRY_ASSIGN(std::unique_ptr<SqliteReader> reader, SqliteReader::Open(path));
  TRY_ASSIGN(std::unique_ptr<SqliteWriter> writer,
             SqliteWriter::Start(
                 std::move(database),
                 {.max_queued = options.max_queued, .retry_ms = options.retry_ms, .linger_ms = options.linger_ms}));
  return std::unique_ptr<Journal>(new SqliteJournal(std::move(lock), std::move(reader), std::move(writer)));
}

}  // namespace troupe::journal
