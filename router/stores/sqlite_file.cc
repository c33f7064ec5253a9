#include "router/stores/sqlite_file.h"

#include <algorithm>
#include <utility>

#include "router/stores/sqlite_schema.h"

namespace troupe::stores {
namespace {

// Rows that go at once, and how often in one write: more than one write can bring, and over soon.
constexpr int kRowsAtOnce = 64;
constexpr int kMaxRounds = 16;

}  // namespace

Result<SqliteFile> SqliteFile::Open(const SqliteFileOptions& options) {
  TRY(MakePrivate(options.path));
  Result<SqliteFile> file = OpenOurs(options);
  if (file || file.error().code != Code::kDataLoss || LooksLikeOurs(options.path)) return file;
  return FailedPrecondition(options.path.string() +
                            " is no file of kept answers; give --cache-store a file of its own, which may not be there "
                            "yet");
}

Result<SqliteFile> SqliteFile::OpenOurs(const SqliteFileOptions& options) {
  constexpr int kLockWaitMs = 1'000;
  TRY_ASSIGN(journal::Database database,
             journal::Database::Open(options.path.string(), journal::Database::Mode::kReadWrite));
  database.SetLockWait(kLockWaitMs);
  TRY(PrepareSchema(database, options.path));
  SqliteFile file(std::move(database), options);
  TRY(file.PrepareAll());
  return file;
}

Status SqliteFile::MoveAway(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::rename(path, path.string() + ".damaged", error);
  if (error) return FailedPrecondition("cannot move the damaged " + path.string() + " away: " + error.message());
  for (const char* beside : {"-wal", "-shm"}) std::filesystem::remove(path.string() + beside, error);
  return {};
}

Status SqliteFile::PrepareAll() {
  const auto prepare = [this](journal::Statement& statement, const char* sql) -> Status {
    TRY_ASSIGN(statement, database_.Prepare(sql));
    return {};
  };
  TRY(prepare(read_, "SELECT bytes FROM answers WHERE key = ?"));
  TRY(prepare(write_, "INSERT OR REPLACE INTO answers (key, bytes, dead_ms, asked) VALUES (?, ?, ?, ?)"));
  TRY(prepare(remove_, "DELETE FROM answers WHERE key = ?"));
  TRY(prepare(remove_dead_,
              "DELETE FROM answers WHERE id IN (SELECT id FROM answers WHERE dead_ms <= ? ORDER BY dead_ms LIMIT ?)"));
  TRY(prepare(remove_oldest_, "DELETE FROM answers WHERE id IN (SELECT id FROM answers ORDER BY id LIMIT ?)"));
  TRY(prepare(changes_, "SELECT changes()"));
  TRY(prepare(count_purge_,
              "INSERT INTO purges VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1 RETURNING count"));
  TRY(prepare(raise_purge_,
              "INSERT INTO purges VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET count = excluded.count "
              "WHERE excluded.count > count"));
  TRY(prepare(read_purges_, "SELECT name, count FROM purges"));
  TRY(prepare(read_asked_, "SELECT id, key, bytes FROM answers WHERE asked = 1 AND id < ? ORDER BY id DESC LIMIT ?"));
  TRY(prepare(read_learned_, "SELECT step, bytes FROM learned"));
  TRY(prepare(save_learned_, "INSERT OR REPLACE INTO learned VALUES (?, ?)"));
  TRY(prepare(pages_, "PRAGMA page_count"));
  TRY(prepare(free_pages_, "PRAGMA freelist_count"));
  TRY_ASSIGN(journal::Statement page_size, database_.Prepare("PRAGMA page_size"));
  TRY_ASSIGN(page_bytes_, Number(page_size));
  return {};
}

Result<int64_t> SqliteFile::Number(journal::Statement& statement) {
  TRY_ASSIGN(const bool row, statement.Step());
  const int64_t number = row ? statement.Integer(0) : 0;
  statement.Reset();
  return number;
}

Result<std::optional<std::string>> SqliteFile::Read(const std::string& key) {
  TRY_ASSIGN(const bool row, read_.Bind(1, key).Step());
  std::optional<std::string> bytes;
  if (row) bytes = read_.Blob(0);
  read_.Reset();
  return bytes;
}

Status SqliteFile::WriteRows(std::span<const Row* const> rows) {
  for (const Row* row : rows) {
    write_.Bind(1, row->key).BindBlob(2, row->bytes).Bind(4, row->is_asked ? int64_t{1} : int64_t{0});
    row->dead_ms == 0 ? write_.BindNull(3) : write_.Bind(3, row->dead_ms);
    TRY(write_.Run());
  }
  return {};
}

Result<int64_t> SqliteFile::Write(std::span<const Row* const> rows, UnixMs now_ms) {
  TRY(database_.Execute("BEGIN IMMEDIATE"));
  Result<int64_t> gone = int64_t{0};
  Status written = WriteRows(rows);
  if (written) {
    gone = MakeRoom(now_ms);
    if (!gone) written = gone.error();
  }
  if (written) written = database_.Execute("COMMIT");
  if (!written) {
    // where SQLite has ended it by itself there is none any more
    (void)database_.Execute("ROLLBACK");
    return written.error();
  }
  return gone;
}

Result<int64_t> SqliteFile::BytesInUse() {
  TRY_ASSIGN(const int64_t pages, Number(pages_));
  TRY_ASSIGN(const int64_t free_pages, Number(free_pages_));
  return (pages - free_pages) * page_bytes_;
}

Result<int64_t> SqliteFile::MakeRoom(UnixMs now_ms) {
  int64_t gone = 0;
  for (int round = 0; round < kMaxRounds; ++round) {
    TRY_ASSIGN(const int64_t used, BytesInUse());
    if (used <= options_.max_bytes) break;
    TRY(remove_dead_.Bind(1, now_ms).Bind(2, int64_t{kRowsAtOnce}).Run());
    TRY_ASSIGN(int64_t removed, Number(changes_));
    if (removed == 0) {
      TRY(remove_oldest_.Bind(1, int64_t{kRowsAtOnce}).Run());
      TRY_ASSIGN(removed, Number(changes_));
    }
    if (removed == 0) break;
    gone += removed;
  }
  // gives back what a file had that may be smaller now
  TRY_ASSIGN(const int64_t pages, Number(pages_));
  if (pages * page_bytes_ > options_.max_bytes) TRY(database_.Execute("PRAGMA incremental_vacuum(256)"));
  return gone;
}

Status SqliteFile::Remove(const std::string& key) { return remove_.Bind(1, key).Run(); }

Result<int64_t> SqliteFile::CountPurge(const std::string& purged) {
  // what is thrown away must not come back after a power cut either, so this one is flushed
  TRY(database_.Execute("PRAGMA synchronous = FULL"));
  Result<bool> row = count_purge_.Bind(1, purged).Step();
  const int64_t count = row && *row ? count_purge_.Integer(0) : 0;
  const Status counted = row ? count_purge_.Run() : Status(row.error());
  TRY(database_.Execute("PRAGMA synchronous = NORMAL"));
  TRY(counted);
  return count;
}

Result<cache::PurgeCounts> SqliteFile::SharePurges(const cache::PurgeCounts& known) {
  cache::PurgeCounts counts;
  while (true) {
    TRY_ASSIGN(const bool row, read_purges_.Step());
    if (!row) break;
    counts[read_purges_.Text(0)] = read_purges_.Integer(1);
  }
  read_purges_.Reset();
  for (const auto& [name, count] : known) {
    int64_t& here = counts[name];
    if (count <= here) continue;
    TRY(raise_purge_.Bind(1, name).Bind(2, count).Run());
    here = count;
  }
  return counts;
}

Result<std::vector<SqliteFile::Asked>> SqliteFile::ReadAsked(int64_t before, int max) {
  std::vector<Asked> out;
  read_asked_.Bind(1, before).Bind(2, int64_t{max});
  while (true) {
    TRY_ASSIGN(const bool row, read_asked_.Step());
    if (!row) break;
    out.push_back({read_asked_.Integer(0), read_asked_.Text(1), read_asked_.Blob(2)});
  }
  read_asked_.Reset();
  return out;
}

Result<std::vector<SqliteFile::Learned>> SqliteFile::ReadLearned() {
  std::vector<Learned> out;
  while (true) {
    TRY_ASSIGN(const bool row, read_learned_.Step());
    if (!row) break;
    out.push_back({read_learned_.Text(0), read_learned_.Blob(1)});
  }
  read_learned_.Reset();
  return out;
}

Status SqliteFile::SaveLearned(const std::string& step, const std::string& bytes) {
  return save_learned_.Bind(1, step).BindBlob(2, bytes).Run();
}

}  // namespace troupe::stores
