// Reads of the SQLite journal, on a connection of their own: the writer never waits for them. Calls wait for the disk
// and for each other.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "router/journal/journal.h"
#include "router/journal/sqlite.h"

namespace troupe::journal {

class SqliteReader {
 public:
  static Result<std::unique_ptr<SqliteReader>> Open(const std::string& path, const std::string& vfs = "");

  Result<std::vector<GraphRow>> ReadGraphs();
  Result<std::vector<std::string>> ReadGraphEvents();
  Result<std::vector<VersionCount>> CountEnded(const std::string& graph, TaskKey after);
  Result<TaskKey> LastKey();
  Result<std::vector<TaskRow>> Unfinished();
  Result<std::optional<TaskRow>> FindTask(const std::string& uuid);
  Result<std::optional<TaskRow>> FindRequest(const std::string& request_id);
  Result<std::vector<TaskRow>> ListTasks(const TaskFilter& filter);
  Result<std::vector<RecordRow>> ReadRecords(TaskKey task, int64_t after, int max_records, size_t max_bytes);
  Result<std::string> ReadBlob(const std::string& sha256);

 private:
  explicit SqliteReader(Database database) : database_(std::move(database)) {}
  Result<std::optional<TaskRow>> FindOne(Statement& statement, const std::string& name);

  std::mutex mutex_;
  Database database_;
  Statement graphs_, events_, ended_, last_key_, unfinished_, by_uuid_, by_request_, list_, records_, blob_;
};

}  // namespace troupe::journal
