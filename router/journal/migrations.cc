#include "router/journal/migrations.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

#include "router/journal/payload_names.h"
#include "router/journal/sqlite_schema.h"
#include "runtime/base/check.h"

namespace troupe::journal {
namespace {

struct Step {
  int64_t from;
  Status (*run)(Database& database);
};

// 1 to 2: payloads are counted, so that they can go with the last record that names them.
Status CountPayloads(Database& database) {
  TRY(database.Execute(kRetentionTables));
  std::map<std::string, int64_t> uses;
  TRY_ASSIGN(Statement read, database.Prepare("SELECT bytes FROM records WHERE EXISTS (SELECT 1 FROM payloads)"));
  while (true) {
    TRY_ASSIGN(const bool row, read.Step());
    if (!row) break;
    TRY_ASSIGN(const std::vector<std::string> names, PayloadNamesIn(read.Blob(0)));
    for (const std::string& name : names) ++uses[name];
  }
  read.Reset();
  TRY_ASSIGN(Statement insert, database.Prepare("INSERT INTO payload_uses (sha256, uses) VALUES (?, ?)"));
  for (const auto& [name, count] : uses) TRY(insert.Bind(1, name).Bind(2, count).Run());
  return {};
}

// 2 to 3: what happens to graphs' versions is written down. Nothing is known of before but which one is current.
Status AddGraphEvents(Database& database) { return database.Execute(kGraphEventTable); }

// 3 to 4: with a task's end is written what its students did. Of tasks that had ended by then it is not known, as if
// they had none.
Status AddStudentColumns(Database& database) { return database.Execute(kStudentColumns); }

constexpr Step kSteps[] = {{1, CountPayloads}, {2, AddGraphEvents}, {3, AddStudentColumns}};
static_assert(std::size(kSteps) == kSchemaVersion - 1, "every schema needs a step to the next");

Status RunStep(Database& database, const Step& step) {
  TRY(step.run(database));
  TRY_ASSIGN(Statement update, database.Prepare("UPDATE meta SET value = ? WHERE name = 'schema'"));
  return update.Bind(1, step.from + 1).Run();
}

Status SyncFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool ok = file >= 0 && fsync(file) == 0;
  const int failed = errno;
  if (file >= 0) close(file);
  if (!ok) return Unavailable(path + ": " + std::strerror(failed));
  return {};
}

}  // namespace

Status Migrate(Database& database, int64_t from) {
  for (const Step& step : kSteps) {
    if (step.from < from) continue;
    TRY(database.Execute("BEGIN IMMEDIATE"));
    Status done = RunStep(database, step);
    if (done) done = database.Execute("COMMIT");
    if (done) continue;
    (void)database.Execute("ROLLBACK");
    return done;
  }
  return {};
}

Status KeepCopy(Database& database, const std::string& path, const std::string& copy) {
  // Everything out of the log and into the file.
  TRY_ASSIGN(Statement checkpoint, database.Prepare("PRAGMA wal_checkpoint(TRUNCATE)"));
  TRY_ASSIGN(const bool row, checkpoint.Step());
  const bool busy = row && checkpoint.Integer(0) != 0;
  checkpoint.Reset();
  if (busy) return Unavailable(path + ": another program holds a lock on it: stop that program");
  const std::string part = copy + ".part";
  std::error_code failed;
  std::filesystem::copy_file(path, part, std::filesystem::copy_options::overwrite_existing, failed);
  if (!failed) TRY(SyncFile(part));
  if (!failed) std::filesystem::rename(part, copy, failed);
  if (failed) {
    return Unavailable(
        part + ": " + failed.message() +
        "; a copy of the journal is kept before it is brought to this release's schema: make room for it");
  }
  return SyncFile(std::filesystem::path(copy).parent_path().string());
}

}  // namespace troupe::journal
