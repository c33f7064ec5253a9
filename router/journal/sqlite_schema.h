// The journal's tables. A newer schema than this release knows is refused: an old router must not write into it. An
// older one is brought to this release's (migrations.h), after a copy was kept.
#pragma once

#include <functional>
#include <string>

#include "router/journal/sqlite.h"

namespace troupe::journal {

inline constexpr int64_t kSchemaVersion = 4;

// What came with schema 2, with 3 and with 4.
extern const char* const kRetentionTables;
extern const char* const kGraphEventTable;
extern const char* const kStudentColumns;

// Records that one task may have.
inline constexpr int64_t kMaxSequence = (int64_t{1} << 24) - 1;

// The key of a record in the table `records`.
inline int64_t RecordId(int64_t task, int64_t sequence) { return task * (kMaxSequence + 1) + sequence; }

// Shows that the journal can be written. Another value each time: SQLite writes nothing where nothing changes.
inline constexpr const char* kProbe =
    "INSERT INTO meta VALUES ('probe', 1) ON CONFLICT (name) DO UPDATE SET value = value % 1000000 + 1";

// What a journal's meta table says. Errors: DATA_LOSS for a file that is no journal.
Result<int64_t> ReadSchemaVersion(Database& database, const std::string& path);

// Makes the tables in an empty database, brings an older one to this release's schema, and proves that it can be
// written. Before a change of schema `before_migrating` is called with the version found; the journal is left as it is
// where that fails. Errors: FAILED_PRECONDITION for a newer schema; DATA_LOSS for a file that is no journal.
Status PrepareSchema(Database& database, const std::string& path,
                     const std::function<Status(int64_t from)>& before_migrating);

}  // namespace troupe::journal
