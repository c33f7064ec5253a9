// The journal in one SQLite file, DIR/journal.db, for one router on one machine.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "router/journal/journal.h"
#include "router/journal/retention.h"

namespace troupe::journal {

struct SqliteOptions {
  // New tasks are refused while more records than this wait for the disk.
  size_t max_queued = 65'536;
  // The pause before a group that could not be written is tried again.
  int64_t retry_ms = 200;
  // How long records that nobody waits for may wait to share a flush with later ones.
  int64_t linger_ms = 5;
  // How long a group waits for a lock that another program holds before writing counts as failing.
  int lock_wait_ms = 1000;
  // Pages of 8 KiB that the file may have; 0 for no limit.
  int64_t max_pages = 0;
  // How long finished tasks are kept.
  RetentionOptions retention;
  // Must outlive the journal.
  const Clock* clock = &SystemClock();
  // SQLite's name of the file system to use; empty for the machine's own.
  std::string vfs;
  // Lines for the router's log: when writing begins to fail, and when it works again. Called by the journal's thread;
  // may be empty.
  std::function<void(const std::string&)> log;
};

// Makes the folder where it is missing. A journal of an earlier release is brought to this one's schema, after a copy
// of the file was kept beside it (journal.db.v1). Errors: FAILED_PRECONDITION where another router has it open or a
// newer release wrote it; PERMISSION_DENIED where it cannot be written; DATA_LOSS where it is damaged. Each names the
// file.
Result<std::unique_ptr<Journal>> OpenSqlite(const std::filesystem::path& folder, const SqliteOptions& options = {});

}  // namespace troupe::journal
