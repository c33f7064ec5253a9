#include "router/stores/sqlite_schema.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

namespace troupe::stores {
namespace {

// "TrKA", in SQLite's place for saying whose a file is; and the schema.
constexpr int64_t kApplication = 0x54724b41;
constexpr int64_t kSchema = 1;

// What says whose it is goes in before the write-ahead log, so that it stands in the file itself.
constexpr char kNewFile[] =
    "PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = 1416776513;"
    "PRAGMA user_version = 1;";

// A lost file costs time, so nothing is flushed but at checkpoints: after a power cut the last answers are missing. The
// exclusive lock keeps a second router out.
constexpr char kSettings[] =
    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
    "PRAGMA journal_size_limit = 16777216; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;";

// Ids grow, so the lowest is what was written longest ago; an answer that is written again gets a new one.
constexpr char kTables[] = R"sql(
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS answers (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, bytes BLOB NOT NULL, dead_ms INTEGER, asked INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS answers_dead ON answers (dead_ms) WHERE dead_ms IS NOT NULL;
CREATE INDEX IF NOT EXISTS answers_asked ON answers (id) WHERE asked = 1;
CREATE TABLE IF NOT EXISTS purges (name TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS learned (step TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;
COMMIT;
)sql";

Result<int64_t> Ask(journal::Database& database, const char* sql) {
  TRY_ASSIGN(journal::Statement statement, database.Prepare(sql));
  TRY_ASSIGN(const bool row, statement.Step());
  const int64_t value = row ? statement.Integer(0) : 0;
  statement.Reset();
  return value;
}

constexpr int64_t kBigEndianBytes = 4;

}  // namespace

Status PrepareSchema(journal::Database& database, const std::filesystem::path& path) {
  static_assert(kApplication == 1416776513 && kSchema == 1, "as in kNewFile");
  TRY_ASSIGN(const int64_t application, Ask(database, "PRAGMA application_id"));
  TRY_ASSIGN(const int64_t tables, Ask(database, "SELECT count(*) FROM sqlite_master"));
  TRY_ASSIGN(const int64_t schema, Ask(database, "PRAGMA user_version"));
  if (application == 0 && tables == 0) {
    TRY(database.Execute(kNewFile));
  } else if (application != kApplication) {
    return FailedPrecondition(path.string() +
                              " is a database of another program; give --cache-store a file of its own, which may not "
                              "be there yet");
  } else if (schema > kSchema) {
    return FailedPrecondition(path.string() +
                              " was written by a newer release; run that one, or give --cache-store "
                              "another file");
  }
  TRY(database.Execute(kSettings));
  return database.Execute(kTables);
}

bool LooksLikeOurs(const std::filesystem::path& path) {
  // of SQLite's file format: the magic string, and the application's number
  constexpr size_t kHeader = 100, kApplicationAt = 68;
  std::array<char, kHeader> header{};
  std::ifstream file(path, std::ios::binary);
  file.read(header.data(), header.size());
  if (!file || std::strcmp(header.data(), "SQLite format 3") != 0) return false;
  int64_t application = 0;
  for (int64_t i = 0; i < kBigEndianBytes; ++i) {
    application = application << 8 | static_cast<unsigned char>(header[kApplicationAt + static_cast<size_t>(i)]);
  }
  return application == kApplication;
}

Status MakePrivate(const std::filesystem::path& path) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    return FailedPrecondition("cannot open " + path.string() + ": " + std::strerror(errno) +
                              "; give --cache-store a file in a folder that is there and may be written");
  }
  close(file);
  return {};
}

}  // namespace troupe::stores
