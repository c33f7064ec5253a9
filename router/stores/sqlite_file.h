// Kept answers in one SQLite file: its tables, what is read and written, and what goes when it is full. Synchronous,
// for one thread; SqliteStore gives it one. The file belongs to one router at a time, which SQLite's own lock sees to.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "router/cache/store.h"
#include "router/journal/sqlite.h"
#include "runtime/base/clock.h"

namespace troupe::stores {

struct SqliteFileOptions {
  std::filesystem::path path;
  // Of what is in use in the file; the journal beside it takes up to 16 MiB more.
  int64_t max_bytes = int64_t{1} << 30;
};

class SqliteFile {
 public:
  // Opens or makes it. Errors: FAILED_PRECONDITION for another program's file, a newer release's, or a folder that is
  // not there; UNAVAILABLE where another router has it; DATA_LOSS where it is a damaged file of ours.
  static Result<SqliteFile> Open(const SqliteFileOptions& options);
  // Renames a damaged one to PATH.damaged, so that the next one that is opened is new. Errors: FAILED_PRECONDITION.
  static Status MoveAway(const std::filesystem::path& path);

  // As they were written; nothing where there are none.
  Result<std::optional<std::string>> Read(const std::string& key);
  struct Row {
    std::string key;
    std::string bytes;
    // From when on nobody may be given it; 0 for never.
    UnixMs dead_ms = 0;
    // It holds a question with its vector.
    bool is_asked = false;
  };
  // All or none, then makes room: what is dead goes first, then what was written longest ago. How many went.
  Result<int64_t> Write(std::span<const Row* const> rows, UnixMs now_ms);
  Status Remove(const std::string& key);

  Result<int64_t> CountPurge(const std::string& purged);
  Result<cache::PurgeCounts> SharePurges(const cache::PurgeCounts& known);

  // Rows with a question, written before that one, the newest first.
  struct Asked {
    int64_t id = 0;
    std::string key;
    std::string bytes;
  };
  Result<std::vector<Asked>> ReadAsked(int64_t before, int max);

  struct Learned {
    std::string step;
    std::string bytes;
  };
  Result<std::vector<Learned>> ReadLearned();
  Status SaveLearned(const std::string& step, const std::string& bytes);

  // What is in use in the file.
  Result<int64_t> BytesInUse();

 private:
  SqliteFile(journal::Database database, const SqliteFileOptions& options)
      : options_(options), database_(std::move(database)) {}
  static Result<SqliteFile> OpenOurs(const SqliteFileOptions& options);
  Status PrepareAll();
  Status WriteRows(std::span<const Row* const> rows);
  Result<int64_t> MakeRoom(UnixMs now_ms);
  Result<int64_t> Number(journal::Statement& statement);

  SqliteFileOptions options_;
  journal::Database database_;
  journal::Statement read_, write_, remove_, remove_dead_, remove_oldest_, changes_, count_purge_, raise_purge_,
      read_purges_, read_asked_, read_learned_, save_learned_, pages_, free_pages_;
  int64_t page_bytes_ = 4096;
};

}  // namespace troupe::stores
