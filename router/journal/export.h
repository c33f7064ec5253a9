// Tasks out of one journal and into another, with all that belongs to them: their records as they are, the payloads
// these name, the graph versions they are on. Works on any Journal; the callers have it for themselves (the router is
// stopped). Calls wait for the disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "router/journal/journal.h"

namespace troupe::journal {

struct ExportOptions {
  // Only these, by their ids; empty for all tasks.
  std::vector<std::string> tasks;
  // This release, for the file's header.
  std::string release;
  UnixMs now_ms = 0;
};

struct ExportCounts {
  int64_t graphs = 0;
  int64_t tasks = 0;
  int64_t records = 0;
  int64_t payloads = 0;
};

// Errors: NOT_FOUND for a task that is not there; DATA_LOSS where the journal has gaps; those of ExportWriter.
Result<ExportCounts> Export(Journal& journal, const std::filesystem::path& file, const ExportOptions& options);

struct ImportCounts {
  int64_t graphs = 0;
  int64_t tasks = 0;
  int64_t records = 0;
  // The journal has a task of that id already.
  int64_t there_already = 0;
  // Another task of the journal has the same request_id: left out, since an id must name one task.
  int64_t request_taken = 0;
};

// Looks at the whole file first: nothing is taken from one that is damaged. Tasks keep their ids; one that is running
// goes on where the router is started next. A graph keeps its current version where it has one. Errors: those of
// ExportReader; UNAVAILABLE where the journal cannot be written.
Result<ImportCounts> Import(Journal& journal, const std::filesystem::path& file);

}  // namespace troupe::journal
