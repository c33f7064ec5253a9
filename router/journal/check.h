// Looks at a whole journal and says what is wrong with it: the database itself, gaps in records, tasks without records,
// records of no task, states that are not those of the records, payloads that are missing, changed, or counted wrong,
// graph versions that are missing. Reads everything once; changes nothing.
//
// The router must be stopped: the folder's lock is taken.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::journal {

struct CheckReport {
  int64_t tasks = 0;
  int64_t running = 0;
  int64_t records = 0;
  int64_t payloads = 0;
  int64_t graph_versions = 0;
  // The first hundred.
  std::vector<std::string> problems;
  int64_t problem_count = 0;
};

// Errors: NOT_FOUND where there is no journal; FAILED_PRECONDITION where it is in use, or another release's; DATA_LOSS
// where it is damaged so that nothing can be read. `vfs` as in SqliteOptions.
Result<CheckReport> CheckSqlite(const std::filesystem::path& folder, const std::string& vfs = "");

}  // namespace troupe::journal
