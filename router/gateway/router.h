// The router put together: journal, graphs, dispatch, running tasks, gRPC services. What main runs and what tests start
// in a few lines.
//
// Stops: Stop, in a fixed order: not ready, watchers sent away and tasks let go (they stay unfinished in the journal),
// no more calls, replicas let go, journal closed. Dropping it without Stop does the same with no patience.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "router/answers/answers.h"
#include "router/dispatch/dispatcher.h"
#include "router/gateway/tasks.h"
#include "router/journal/sqlite_journal.h"
#include "router/stores/open.h"

namespace troupe::gateway {

struct RouterOptions {
  // "unix:/path/router.sock" or "127.0.0.1:7600".
  std::vector<std::string> listen;
  // The journal's folder.
  std::filesystem::path data;
  // The list of replicas; empty for none.
  std::filesystem::path agents;
  // Graph files to apply at the start.
  std::vector<std::string> graphs;
  // The folder of published content; empty for none.
  std::string content;
  TasksOptions tasks;
  dispatch::DispatcherOptions dispatch;
  answers::AnswersOptions answers;
  // Behind the answers' memory.
  stores::StoreOptions cache_store;
  journal::SqliteOptions journal;
  // How long lessons are kept; 0 for ever.
  int64_t retain_lessons_ms = 0;
  // Lines for the log; may be empty.
  std::function<void(const std::string&)> log;
};

class Router {
 public:
  // Recovered, listening and ready when it returns. Errors: see OpenSqlite, rpc::Server::Start and the findings of a
  // graph.
  static Result<std::unique_ptr<Router>> Start(RouterOptions options, const Clock& clock = SystemClock());
  ~Router();

  // With ports that were taken in place of 0.
  const std::vector<std::string>& addresses() const;
  dispatch::Dispatcher& dispatcher();
  journal::Journal::Stats JournalStats() const;

  // Errors: records that could not be written.
  Status Stop(std::chrono::milliseconds drain_limit);

 private:
  struct Parts;
  explicit Router(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace troupe::gateway
