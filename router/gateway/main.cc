// troupe-router: takes tasks in over gRPC, has their steps done by agents, and writes everything down.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <string>

#include "router/gateway/router.h"
#include "router/journal/age.h"
#include "runtime/base/memory_share.h"

namespace {

using troupe::gateway::Router;
using troupe::gateway::RouterOptions;

constexpr int kExitRefused = 2;
constexpr int kExitLost = 3;

void LogLine(const std::string& line) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char time[32];
  std::strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%SZ", &parts);
  std::fprintf(stderr, "%s router: %s\n", time, line.c_str());
}

void AddCacheStoreFlags(CLI::App& app, troupe::stores::StoreOptions& store) {
  app.add_option_function<std::string>(
         "--cache-store",
         [&store](const std::string& text) {
           const troupe::Status known = troupe::stores::Check(text);
           if (!known) throw CLI::ValidationError("--cache-store", known.error().message);
           store.store = text;
         },
         "A store of kept answers behind the memory: sqlite:PATH, a file of this router's own that a restart finds "
         "again, or redis://[:password@]host[:port][/database], which several routers share. While it does not answer "
         "nobody waits for it.")
      ->envname("TROUPE_CACHE_STORE")
      ->type_name("STORE");
  app.add_option_function<std::string>(
         "--cache-store-size",
         [&store](const std::string& text) {
           const auto bytes = troupe::stores::ParseSize(text);
           if (!bytes) throw CLI::ValidationError("--cache-store-size", bytes.error().message);
           store.max_bytes = *bytes;
         },
         "What the file of sqlite:PATH may take; what is dead goes first, then the oldest. A Redis has a limit of its "
         "own (maxmemory).")
      ->type_name("SIZE")
      ->default_str("1GiB");
}

void AddFlags(CLI::App& app, RouterOptions& options, std::string& data, std::string& agents, int& drain_ms,
              int& upload_mb) {
  app.add_option(
         "--listen", options.listen,
         "Where to take calls: unix:/path/router.sock or host:port (port 0: any free one). May be given several times.")
      ->required();
  app.add_option("--data", data,
                 "The folder of the journal: every task and graph is written down here. Made where it is missing; one "
                 "router at a time.")
      ->required();
  app.add_option("--agents", agents,
                 "A JSON file that lists the replicas of agents, read again when it changes: "
                 "[{\"graph\": \"help-desk\", \"agent\": \"writer\", \"replica\": \"writer-0\", \"address\": "
                 "\"unix:/path/writer-0.sock\"}, ...]");
  app.add_option(
      "--graph", options.graphs,
      "A graph file to apply at the start, where it is new since the last start: a restart with the same file leaves "
      "what was applied, promoted or rolled back since as it is. May be given several times; more can be applied "
      "later.");
  app.add_option("--max-running", options.tasks.max_running,
                 "Tasks that may run at once; more are refused with RESOURCE_EXHAUSTED.")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  app.add_option(
         "--max-upload-mb", upload_mb,
         "MiB that one input may have. Those beyond 3 MiB are uploaded in pieces, which 'troupe' does by itself, and "
         "kept for an hour under --data.")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  app.add_option("--max-waiting", options.dispatch.max_waiting,
                 "Steps that may wait for a replica of one agent; more fail with RESOURCE_EXHAUSTED.")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  app.add_option_function<std::string>(
         "--cache-memory",
         [&options](const std::string& text) {
           const auto bytes = troupe::ParseMemoryBytes(text);
           if (!bytes) throw CLI::ValidationError("--cache-memory", bytes.error().message);
           options.answers.memory_bytes = static_cast<size_t>(*bytes);
         },
         "What kept answers may take in memory, where graphs say 'cache'; 0 keeps none, whatever graphs say.")
      ->type_name("SIZE")
      ->default_str("256MiB");
  app.add_option("--content", options.content,
                 "A folder of published content ('troupe content publish'), to be filled in for who asks "
                 "(ContentService.Fill); what is published there later is taken within a second.")
      ->type_name("FOLDER");
  AddCacheStoreFlags(app, options.cache_store);
  app.add_option(
         "--drain-ms", drain_ms,
         "After SIGTERM or SIGINT: how long calls may take to end. Tasks that still run go on at the next start.")
      ->capture_default_str()
      ->check(CLI::Range(0, 600'000));
}

void AddRetentionFlags(CLI::App& app, troupe::journal::RetentionOptions& retention, int64_t& retain_lessons_ms) {
  app.add_option_function<std::string>(
         "--retain-lessons",
         [&retain_lessons_ms](const std::string& text) {
           const auto age_ms = troupe::journal::ParseAge(text);
           if (!age_ms) throw CLI::ValidationError("--retain-lessons", age_ms.error().message);
           retain_lessons_ms = *age_ms;
         },
         "Pairs of answers of students and their teachers ('teach' in graphs) are removed this long after they were "
         "given, whatever becomes of their tasks; 0 keeps them for ever.")
      ->type_name("AGE")
      ->default_str("0");
  app.add_option_function<std::string>(
         "--retain",
         [&retention](const std::string& text) {
           const auto age_ms = troupe::journal::ParseAge(text);
           if (!age_ms) throw CLI::ValidationError("--retain", age_ms.error().message);
           retention.max_age_ms = *age_ms;
         },
         "Finished tasks are removed from the journal this long after their end: 30d, 12h, 90m, 45s; 0 keeps them for "
         "ever. With a task its request id is forgotten: the same request makes a new task then.")
      ->type_name("AGE")
      ->default_str("0");
  app.add_option("--retain-tasks", retention.max_tasks,
                 "Finished tasks that are kept; of more, those taken in first are removed. 0 for no limit.")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{0}, int64_t{1'000'000'000}));
  app.add_option(
         "--retain-graph-versions", retention.graph_versions,
         "Where tasks are removed: versions of a graph that are kept for going back to, besides those that kept "
         "tasks were done on.")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "Takes tasks in over gRPC, breaks them into steps by their graph, has the steps done by agents, and writes "
      "everything down.\n"
      "After a crash every accepted task goes on from its last record.\n\n"
      "'troupe up GRAPH' starts a router together with the graph's agents; call this program itself where another\n"
      "supervisor starts processes.",
      "troupe-router"};
  app.footer(
      "Exit codes: 0 stopped as asked, 2 refused to start (the reason is on standard error), 3 records were left "
      "unwritten.\n"
      "Example: troupe-router --listen 127.0.0.1:7600 --data /var/lib/troupe --agents agents.json --graph "
      "help-desk.yaml");
  RouterOptions options;
  std::string data;
  std::string agents;
  int drain_ms = 5000;
  int upload_mb = 64;
  AddFlags(app, options, data, agents, drain_ms, upload_mb);
  AddRetentionFlags(app, options.journal.retention, options.retain_lessons_ms);
  CLI11_PARSE(app, argc, argv);
  options.data = data;
  options.tasks.uploads.max_bytes = int64_t{upload_mb} << 20;
  options.agents = agents;
  options.log = LogLine;

  // Blocked before any thread starts, so that only the wait below takes them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  troupe::Result<std::unique_ptr<Router>> router = Router::Start(std::move(options));
  if (!router) {
    LogLine("refuses to start: " + router.error().message);
    return kExitRefused;
  }
  for (const std::string& address : (*router)->addresses()) LogLine("listening on " + address);
  int signal = 0;
  sigwait(&signals, &signal);
  LogLine("stopping; running tasks go on at the next start");
  if (const troupe::Status stopped = (*router)->Stop(std::chrono::milliseconds(drain_ms)); !stopped) {
    LogLine("records were left unwritten: " + stopped.error().message);
    return kExitLost;
  }
  const auto stats = (*router)->JournalStats();
  LogLine("stopped; " + std::to_string(stats.records) + " records were written in " + std::to_string(stats.groups) +
          " groups, which took " + std::to_string(stats.commit_us / 1000) + " ms");
  return 0;
}
