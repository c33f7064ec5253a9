// How a journal of an earlier release becomes one of this release: one step for each schema, each in a transaction of
// its own, so that a crash in between leaves a journal of one schema or the next and nothing else.
//
// Called once when a journal is opened, before anyone else has it. To change the schema: raise kSchemaVersion, change
// the tables, add a step here, and write a golden journal (tests/unit/journal/golden/make.cc).
#pragma once

#include <functional>
#include <string>

#include "router/journal/sqlite.h"

namespace troupe::journal {

// Brings a journal of schema `from` to kSchemaVersion. Errors: those of the database; then it is as it was after the
// last step that was finished.
Status Migrate(Database& database, int64_t from);

// A copy of the database's file as it is now, durable, at `copy`; one that was there is replaced. Nobody else may be
// writing.
Status KeepCopy(Database& database, const std::string& path, const std::string& copy);

}  // namespace troupe::journal
