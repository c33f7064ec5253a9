#include "router/journal/sqlite_schema.h"

#include "router/journal/migrations.h"

namespace troupe::journal {
namespace {

// Keys grow with time, so records and tasks are always added at the end of their trees, whatever their number; finished
// tasks leave the index of running ones. A record's id is its task's key and its sequence in one number: an integer key
// lets a record of up to a page lie in the tree itself, where a compound key (WITHOUT ROWID) would move all above a
// quarter of a page to a page of its own.
constexpr char kTables[] = R"sql(
CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE graphs (
  name TEXT NOT NULL, version TEXT NOT NULL, source BLOB NOT NULL, applied_ms INTEGER NOT NULL, current INTEGER NOT NULL,
  PRIMARY KEY (name, version)) WITHOUT ROWID;
CREATE TABLE tasks (
  key INTEGER PRIMARY KEY, uuid TEXT NOT NULL, request_id TEXT, request_digest TEXT, graph TEXT NOT NULL,
  version TEXT NOT NULL, state INTEGER NOT NULL, accepted_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL,
  last_sequence INTEGER NOT NULL, labels TEXT);
CREATE UNIQUE INDEX tasks_uuid ON tasks (uuid);
CREATE UNIQUE INDEX tasks_request ON tasks (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX tasks_running ON tasks (key) WHERE state = 0;
CREATE TABLE records (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
CREATE TABLE payloads (sha256 TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;
)sql";

// WAL lets readers go on while a group is written; FULL flushes each group before anyone hears of it. A page holds
// several records of usual size, so that a group of few records touches few pages, and is no larger, because every
// group writes the last one of each tree anew. Free pages are given back to the disk only where a file was made with
// auto_vacuum; in an older one they are used again.
constexpr char kSettings[] =
    "PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 1000; PRAGMA temp_store = MEMORY;";

Status MakeTables(Database& database) {
  TRY(database.Execute(kTables));
  TRY(database.Execute(kRetentionTables));
  TRY(database.Execute(kGraphEventTable));
  TRY(database.Execute(kStudentColumns));
  TRY_ASSIGN(Statement insert, database.Prepare("INSERT INTO meta VALUES ('schema', ?)"));
  return insert.Bind(1, kSchemaVersion).Run();
}

Result<bool> IsEmpty(Database& database) {
  TRY_ASSIGN(Statement find, database.Prepare("SELECT count(*) FROM sqlite_master"));
  TRY_ASSIGN(const bool row, find.Step());
  return row && find.Integer(0) == 0;
}

}  // namespace

// How many records' mentions of a payload there are; one with none left goes. Tasks that are removed: their rows are
// gone, their records go bit by bit.
const char* const kRetentionTables = R"sql(
CREATE TABLE payload_uses (sha256 TEXT PRIMARY KEY, uses INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE removals (task INTEGER PRIMARY KEY);
)sql";

// What happened to graphs' versions, one after the other. No graph has many.
const char* const kGraphEventTable = "CREATE TABLE graph_events (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)";

// What a task's students did, so that a canary's can be counted again without reading records. Nothing, in most tasks.
const char* const kStudentColumns = R"sql(
ALTER TABLE tasks ADD COLUMN answers INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN unsure INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN checked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN differing INTEGER NOT NULL DEFAULT 0;
)sql";

Result<int64_t> ReadSchemaVersion(Database& database, const std::string& path) {
  Result<Statement> read = database.Prepare("SELECT value FROM meta WHERE name = 'schema'");
  if (!read && read.error().code == Code::kDataLoss) return read.error();
  if (!read) {
    return Error{Code::kDataLoss,
                 path + " is a SQLite database but no journal of Troupe's; choose another folder with --data"};
  }
  TRY_ASSIGN(const bool row, read->Step());
  return row ? read->Integer(0) : 0;
}

Status PrepareSchema(Database& database, const std::string& path,
                     const std::function<Status(int64_t from)>& before_migrating) {
  TRY(database.Execute(kSettings));
  TRY(database.Execute("BEGIN IMMEDIATE"));
  TRY_ASSIGN(const bool empty, IsEmpty(database));
  if (empty) {
    TRY(MakeTables(database));
    return database.Execute("COMMIT");
  }
  TRY_ASSIGN(const int64_t version, ReadSchemaVersion(database, path));
  if (version > kSchemaVersion) {
    return FailedPrecondition(path + " was written by a newer release (schema " + std::to_string(version) +
                              ", this one knows " + std::to_string(kSchemaVersion) +
                              "); run that release, or choose another folder with --data");
  }
  if (version < 1) return Error{Code::kDataLoss, path + " has no schema version: bring it back from a backup"};
  // Proves that writing works before anything is promised.
  TRY(database.Execute(kProbe));
  TRY(database.Execute("COMMIT"));
  if (version == kSchemaVersion) return {};
  TRY(before_migrating(version));
  return Migrate(database, version);
}

}  // namespace troupe::journal
