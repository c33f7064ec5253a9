#include "router/gateway/router.h"

#include <algorithm>
#include <set>
#include <utility>

#include "router/gateway/cache_service.h"
#include "router/gateway/content_service.h"
#include "router/gateway/graph_service.h"
#include "router/gateway/published_content.h"
#include "router/gateway/task_service.h"
#include "router/graph/parse.h"
#include "runtime/base/digest.h"
#include "runtime/rpc/server.h"

namespace troupe::gateway {
namespace {

answers::Backend BackendOf(dispatch::Dispatcher& dispatcher) {
  return {.start =
              [&dispatcher](dispatch::StepOrder order, std::shared_ptr<dispatch::StepListener> listener) {
                return dispatcher.Start(std::move(order), std::move(listener));
              },
          .model_of = [&dispatcher](const std::string& graph,
                                    const std::string& agent) { return dispatcher.ModelOf(graph, agent); }};
}

bool AllAreThere(const dispatch::Dispatcher& dispatcher, const graph::Graph& graph) {
  std::set<std::string> there;
  for (const auto& replica : dispatcher.Replicas(graph.name)) {
    if (replica.snapshot.ready) there.insert(replica.entry.agent);
  }
  return std::all_of(graph.agents.begin(), graph.agents.end(),
                     [&there](const auto& agent) { return there.contains(agent.first); });
}

}  // namespace

// In the order in which they are made; each uses those above it.
struct Router::Parts {
  Parts(RouterOptions given, std::unique_ptr<journal::Journal> opened, std::unique_ptr<cache::BackStore> store,
        std::unique_ptr<PublishedContent> published, const Clock& clock)
      : options(std::move(given)),
        lessons(
            {.path = options.data / lessons::kFileName, .max_age_ms = options.retain_lessons_ms, .log = options.log},
            clock),
        journal(std::move(opened)),
        graphs(*journal, clock, options.log),
        dispatcher(options.dispatch, timers, clock),
        answers(options.answers, BackendOf(dispatcher), timers, clock, std::move(store)),
        tasks(WithLessons(options.tasks, lessons), options.data / "uploads", *journal, dispatcher, answers, timers,
              clock, graphs, options.log),
        task_service(tasks),
        graph_service(graphs, tasks, dispatcher),
        cache_service(answers, graphs),
        content(std::move(published)),
        content_service(content.get()) {
    graphs.AskWhoIsThere([this](const graph::Graph& graph) { return AllAreThere(dispatcher, graph); });
  }

  void Log(const std::string& line) const {
    if (options.log) options.log(line);
  }

  static TasksOptions WithLessons(TasksOptions options, lessons::LessonStore& lessons) {
    options.lessons = &lessons;
    return options;
  }

  const RouterOptions options;
  lessons::LessonStore lessons;
  std::unique_ptr<journal::Journal> journal;
  dispatch::Timers timers;
  Graphs graphs;
  dispatch::Dispatcher dispatcher;
  answers::Answers answers;
  Tasks tasks;
  TaskService task_service;
  GraphService graph_service;
  CacheService cache_service;
  // Null where there is none.
  std::unique_ptr<PublishedContent> content;
  ContentService content_service;
  std::unique_ptr<rpc::Server> server;
  bool stopped = false;
};

namespace {

// What became of a graph's file at the start, and how to get the other.
std::string Tell(const std::string& path, const Graphs::Started& started) {
  using Outcome = rollout::AtStart::Outcome;
  const std::string& name = started.graph->name;
  const std::string file = ShortDigest(started.graph->version.value);
  const std::string current = ShortDigest(started.rollout.current);
  const std::string apply = "'troupe apply " + path + "' makes it current";
  const std::string trial =
      started.rollout.canary ? "; canary " + ShortDigest(started.rollout.canary->version) + " goes on" : "";
  switch (started.outcome) {
    case Outcome::kApplied: {
      const std::string previous = ShortDigest(started.rollout.previous());
      if (previous.empty()) return "graph " + name + " " + file + " applied";
      return "graph " + name + " " + file + " applied: the file is new since the last start; 'troupe rollback " + name +
             "' goes back to " + previous;
    }
    case Outcome::kAsBefore:
      return "graph " + name + " " + file + " as before" + trial;
    case Outcome::kOnTrial:
      return "graph " + name + " " + current + " as before, and the file's " + file +
             " is still tried out; 'troupe promote " + name + "' makes it current";
    case Outcome::kRolledBack:
      return "graph " + name + " " + current + " as before" + trial + ": the file's " + file +
             " was rolled back and stays so; change it, or insist: " + apply;
    case Outcome::kUnchanged:
      return "graph " + name + " " + current + " as before" + trial + ": the file is still " + file +
             " as at the last start, and what was decided since holds; " + apply;
    case Outcome::kDecidedSince:
      return "graph " + name + " " + current + " as before" + trial + ": the file's " + file +
             " was applied since the last start already, and what was decided after that holds; " + apply;
  }
  return "";
}

Status ApplyFile(const std::string& path, Graphs& graphs, const std::function<void(const std::string&)>& log) {
  graph::Parsed parsed = graph::LoadGraph(path);
  if (!parsed.graph) return Invalid(graph::ToString(parsed.findings));
  TRY_ASSIGN(const Graphs::Started started, graphs.ApplyAtStart(std::move(parsed.source)));
  if (!started.graph) return Invalid(graph::ToString(started.findings));
  if (log) log(Tell(path, started));
  return {};
}

}  // namespace

Router::Router(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Router::~Router() { (void)Stop(std::chrono::milliseconds(0)); }

Result<std::unique_ptr<Router>> Router::Start(RouterOptions options, const Clock& clock) {
  if (options.listen.empty()) return Invalid("the router has no address to listen on: give one with --listen");
  if (!options.dispatch.log) options.dispatch.log = options.log;
  if (!options.journal.log) options.journal.log = options.log;
  if (!options.answers.log) options.answers.log = options.log;
  options.journal.clock = &clock;
  TRY_ASSIGN(std::unique_ptr<journal::Journal> opened, journal::OpenSqlite(options.data, options.journal));
  std::unique_ptr<cache::BackStore> store;
  if (options.answers.memory_bytes > 0) {
    TRY_ASSIGN(store, stores::Open(options.cache_store, clock, options.log));
  }
  std::unique_ptr<PublishedContent> content;
  if (!options.content.empty()) {
    TRY_ASSIGN(content, PublishedContent::Open(options.content, options.log));
  }
  std::unique_ptr<Router> router(new Router(
      std::make_unique<Parts>(std::move(options), std::move(opened), std::move(store), std::move(content), clock)));
  Parts& parts = *router->parts_;
  TRY(parts.graphs.Load());
  for (const std::string& path : parts.options.graphs) TRY(ApplyFile(path, parts.graphs, parts.options.log));
  if (!parts.options.agents.empty()) TRY(parts.dispatcher.FollowList(parts.options.agents));
  TRY(parts.tasks.Recover());
  // Graphs come with the files that they name.
  rpc::ServerOptions serve{.addresses = parts.options.listen,
                           .services = {{&parts.task_service, v1::TaskService::service_full_name()},
                                        {&parts.graph_service, v1::GraphService::service_full_name()},
                                        {&parts.cache_service, v1::CacheService::service_full_name()},
                                        {&parts.content_service, v1::ContentService::service_full_name()}},
                           .max_receive_bytes = 20 << 20};
  TRY_ASSIGN(parts.server, rpc::Server::Start(serve));
  parts.server->SetReady(true);
  return router;
}

const std::vector<std::string>& Router::addresses() const { return parts_->server->addresses(); }
dispatch::Dispatcher& Router::dispatcher() { return parts_->dispatcher; }
journal::Journal::Stats Router::JournalStats() const { return parts_->journal->GetStats(); }

Status Router::Stop(std::chrono::milliseconds drain_limit) {
  Parts& parts = *parts_;
  if (std::exchange(parts.stopped, true)) return {};
  if (parts.server) parts.server->SetReady(false);
  parts.tasks.Stop();
  if (parts.server) parts.server->Shutdown(drain_limit);
  parts.tasks.Join();
  parts.answers.Stop();
  parts.dispatcher.Stop();
  parts.timers.Stop();
  parts.lessons.Stop();
  return parts.journal->Close();
}

}  // namespace troupe::gateway
