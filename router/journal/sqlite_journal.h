// The journal in one SQLite file, DIR/journal.db, for one router on one machine.
#pragma once

#include <filesystem>
#include <memory>

#include "router/journal/journal.h"

namespace troupe::journal {

struct SqliteOptions {
  // New tasks are refused while more records than this wait for the disk.
  size_t max_queued = 65'536;
  // The pause before a group that could not be written is tried again.
  int64_t retry_ms = 200;
  // How long records that nobody waits for may wait to share a flush with later ones.
  int64_t linger_ms = 5;
  // Pages of 4 KiB that the file may have; 0 for no limit.
  int64_t max_pages = 0;
};

// Makes the folder where it is missing. Errors: FAILED_PRECONDITION where another router has it open or a newer release
// wrote it; PERMISSION_DENIED where it cannot be written; DATA_LOSS where it is damaged. Each names the file.
Result<std::unique_ptr<Journal>> OpenSqlite(const std::filesystem::path& folder, const SqliteOptions& options = {});

}  // namespace troupe::journal
