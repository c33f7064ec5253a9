#include "router/answers/answers.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <thread>

#include "router/answers/cached_run.h"
#include "router/answers/words.h"
#include "router/cache/freshness.h"

namespace troupe::answers {
namespace {

// Of vectors of 384 numbers, in the index and beside it.
constexpr size_t kBytesOfQuestion = 3'400;

size_t Threads() { return std::max<size_t>(1, std::min<size_t>(4, std::thread::hardware_concurrency() / 2)); }

std::function<void(std::function<void()>)> PosterTo(boost::asio::thread_pool& pool) {
  return [&pool](std::function<void()> work) { boost::asio::post(pool, std::move(work)); };
}

}  // namespace

Answers::Answers(const AnswersOptions& options, Backend backend, dispatch::Timers& timers, const Clock& clock,
                 std::unique_ptr<cache::BackStore> store)
    : options_(options),
      backend_(std::move(backend)),
      clock_(clock),
      memory_({.max_bytes = std::max<size_t>(1, options.memory_bytes / 4 * 3)}, clock),
      meanings_(options.memory_bytes / 4 / kBytesOfQuestion + 1),
      pool_(Threads()),
      behind_(store == nullptr ? nullptr
                               : std::make_shared<Behind>(std::move(store), options.behind,
                                                          Behind::Means{.purges = purges_,
                                                                        .timers = timers,
                                                                        .clock = clock,
                                                                        .post = PosterTo(pool_),
                                                                        .log = options.log})),
      backup_(behind_ == nullptr
                  ? nullptr
                  : std::make_shared<MeaningsBackup>(meanings_, behind_->store(), timers, PosterTo(pool_))),
      tiers_(memory_, behind_),
      world_{.tiers = tiers_,
             .meanings = meanings_,
             .given = given_,
             .counts = counts_,
             .flights = flights_,
             .timers = timers,
             .clock = clock,
             .start = backend_.start,
             .model_of = backend_.model_of,
             .post = PosterTo(pool_)} {
  if (!behind_) return;
  behind_->Start();
  backup_->Start();
}

Answers::~Answers() { Stop(); }

std::optional<dispatch::StepOutcome> Answers::AtHand(const dispatch::StepOrder& order, const StepJob& job) {
  if (!on() || (job.rule->user && job.user.empty())) return std::nullopt;
  const Result<std::string> model = backend_.model_of(order.graph, order.agent);
  if (!model) return std::nullopt;
  const std::optional<cache::Entry> entry =
      tiers_.AtHand(KeyOf(order, job, *model, purges_.Of(order.graph, job.step)).key);
  const UnixMs now_ms = clock_.NowMs();
  if (!entry || cache::FreshnessOf(*entry, now_ms) != cache::Freshness::kFresh) return std::nullopt;
  counts_.Hit({order.graph, job.step}, Hit::kExact, *entry);
  return OutcomeOf(Hit::kExact, *entry, order.agent, *model, now_ms);
}

std::shared_ptr<dispatch::StepCall> Answers::Start(dispatch::StepOrder order, StepJob job,
                                                   std::shared_ptr<dispatch::StepListener> listener) {
  const bool is_nobodys = job.rule->user && job.user.empty();
  if (!on() || is_nobodys) return backend_.start(std::move(order), std::move(listener));
  std::string purged = purges_.Of(order.graph, job.step);
  auto run =
      std::make_shared<CachedRun>(world_, std::move(order), std::move(job), std::move(purged), std::move(listener));
  run->Start();
  return run;
}

int Answers::Judge(const std::string& task, const std::string& step, bool right) {
  const std::vector<Given> all = given_.Take(task, step);
  for (const Given& given : all) {
    counts_.Checked(given.step, right);
    meanings_.Learn(given.step, given.score, right, 1.0);
    if (!right) meanings_.Refuse(given.question, given.answer_key);
  }
  return static_cast<int>(all.size());
}

void Answers::Purge(const std::string& graph, const std::string& step, std::function<void(Status)> done) {
  const std::string name = Purges::NameOf(graph, step);
  if (behind_) return behind_->Purge(name, std::move(done));
  purges_.Count(name);
  done({});
}

std::string Answers::NameOf(const GraphQuestion& question) {
  const graph::Graph& graph = *question.graph;
  if (!on() || !graph.cache || (graph.cache->user && question.user.empty())) return "";
  std::map<std::string, std::string> models;
  for (const auto& [name, agent] : graph.agents) {
    Result<std::string> model = backend_.model_of(graph.name, name);
    if (!model) return "";
    models.emplace(name, std::move(*model));
  }
  return KeyOf(question, models, purges_.Of(graph.name, ""));
}

void Answers::FindGraph(const std::shared_ptr<const graph::Graph>& graph, const std::string& name, OnGraphAnswer done) {
  tiers_.Find(name, [this, graph, done = std::move(done)](const Result<std::optional<cache::Entry>>& found) {
    std::optional<GraphAnswer> answer;
    if (found && *found) answer = Give(graph->name, **found);
    if (!answer) counts_.Miss({graph->name, ""});
    done(std::move(answer));
  });
}

std::optional<Answers::GraphAnswer> Answers::Give(const std::string& graph, const cache::Entry& entry) {
  const std::optional<Wrapped> wrapped = Unwrap(entry.answer);
  if (!wrapped) return std::nullopt;
  const bool is_stale = cache::FreshnessOf(entry, clock_.NowMs()) == cache::Freshness::kStale;
  counts_.Hit({graph, ""}, is_stale ? Hit::kStale : Hit::kExact, entry);
  return GraphAnswer{.task_id = std::string(wrapped->task_id),
                     .output_json = std::string(wrapped->output_json),
                     .made_at_ms = entry.made_at_ms,
                     .is_stale = is_stale,
                     .tokens = entry.tokens,
                     .device_ms = entry.device_ms,
                     .money_micros = entry.money_micros};
}

void Answers::KeepGraph(const graph::Graph& graph, const std::string& name, GraphAnswer answer) {
  tiers_.Set(name, {.answer = Wrap(answer.task_id, answer.output_json),
                    .made_at_ms = answer.made_at_ms,
                    .ttl_ms = graph.cache->ttl_ms,
                    .stale_ms = graph.cache->stale_ms,
                    .device_ms = answer.device_ms,
                    .tokens = answer.tokens,
                    .money_micros = answer.money_micros});
}

void Answers::Stop() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(stopped_, true)) return;
  }
  flights_.Stop();
  if (behind_) {
    // what was learnt is written before the store is closed
    backup_->Stop();
    behind_->Stop();
  }
  pool_.join();
}

}  // namespace troupe::answers
