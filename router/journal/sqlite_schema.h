// The journal's tables. A newer schema than this release knows is refused: an old router must not write into it.
#pragma once

#include "router/journal/sqlite.h"

namespace troupe::journal {

inline constexpr int64_t kSchemaVersion = 1;

// Records that one task may have.
inline constexpr int64_t kMaxSequence = (int64_t{1} << 24) - 1;

// The key of a record in the table `records`.
inline int64_t RecordId(int64_t task, int64_t sequence) { return task * (kMaxSequence + 1) + sequence; }

// Makes the tables in an empty database, checks the version in any other, and proves that it can be written.
// Errors: FAILED_PRECONDITION for a newer schema; DATA_LOSS for a file that is no journal.
Status PrepareSchema(Database& database, const std::string& path);

}  // namespace troupe::journal
