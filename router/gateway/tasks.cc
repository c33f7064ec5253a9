#include "router/gateway/tasks.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "router/gateway/field_error.h"
#include "router/journal/codec.h"
#include "runtime/base/digest.h"
#include "runtime/kind/suggest.h"

namespace troupe::gateway {
namespace {

constexpr size_t kMaxInputBytes = 3u << 20;
constexpr size_t kMaxRequestId = 128;
constexpr size_t kMaxStepPath = 1'000;
constexpr int kMaxLabels = 16;
constexpr size_t kMaxLabelKey = 63;
constexpr size_t kMaxLabelValue = 255;
constexpr int64_t kBusyRetryMs = 200;

Status CheckLabels(const google::protobuf::Map<std::string, std::string>& labels) {
  if (labels.size() > kMaxLabels)
    return FieldError("labels", "at most 16 are allowed, got " + std::to_string(labels.size()));
  for (const auto& [key, value] : labels) {
    if (key.empty() || key.size() > kMaxLabelKey)
      return FieldError("labels", "the key '" + key.substr(0, 80) + "' must have 1 to 63 characters");
    if (value.size() > kMaxLabelValue) return FieldError("labels." + key, "may have at most 255 characters");
  }
  return {};
}

// What must be the same for two requests to be one: everything but the request_id itself. What is not set is left out,
// so that a request has the digest that earlier releases gave it.
std::string DigestOf(const v1::SubmitRequest& request, const Value& input) {
  const std::map<std::string, std::string> labels(request.labels().begin(), request.labels().end());
  Value body{{"graph", request.graph()}, {"input", input}, {"timeout_ms", request.timeout_ms()}, {"labels", labels}};
  if (request.has_priority()) body["priority"] = request.priority();
  if (request.token_limit() > 0) body["token_limit"] = request.token_limit();
  if (request.device_us_limit() > 0) body["device_us_limit"] = request.device_us_limit();
  if (request.money_limit_micros() > 0) body["money_limit_micros"] = request.money_limit_micros();
  return Sha256Hex(Dump(body));
}

Status CheckBudgets(const v1::SubmitRequest& request) {
  const std::pair<const char*, int64_t> limits[] = {{"timeout_ms", request.timeout_ms()},
                                                    {"token_limit", request.token_limit()},
                                                    {"device_us_limit", request.device_us_limit()},
                                                    {"money_limit_micros", request.money_limit_micros()}};
  for (const auto& [field, limit] : limits) {
    if (limit < 0) return FieldError(field, "must not be negative, got " + std::to_string(limit));
  }
  if (request.has_priority() && (request.priority() < 0 || request.priority() > graph::kMaxPriority))
    return FieldError("priority", "must be 0 to 9, got " + std::to_string(request.priority()));
  return {};
}

// 0 is no limit.
int64_t Least(int64_t a, int64_t b) { return a == 0 ? b : b == 0 ? a : std::min(a, b); }

}  // namespace

Tasks::Tasks(TasksOptions options, std::filesystem::path uploads, journal::Journal& journal,
             dispatch::Dispatcher& dispatcher, answers::Answers& answers, dispatch::Timers& timers, const Clock& clock,
             Graphs& graphs, std::function<void(const std::string&)> log)
    : options_(options),
      journal_(journal),
      clock_(clock),
      graphs_(graphs),
      deliveries_(options.deliveries, clock, &timers),
      world_{journal,
             dispatcher,
             answers,
             timers,
             clock,
             [this](const std::string& id) { OnEnded(id); },
             resting_,
             std::move(log),
             [this](std::function<void()> work) { boost::asio::post(watchers_, std::move(work)); },
             deliveries_,
             options.lessons},
      uploads_(options.uploads, std::move(uploads), clock, &timers) {}

Tasks::~Tasks() {
  Stop();
  Join();
}

Result<Tasks::Checked> Tasks::Check(const v1::SubmitRequest& request, size_t max_input_bytes) const {
  if (request.graph().empty() || request.graph().size() > 63)
    return FieldError("graph", "must be a graph's name of 1 to 63 characters");
  if (request.request_id().size() > kMaxRequestId) return FieldError("request_id", "may have at most 128 characters");
  TRY(CheckBudgets(request));
  TRY(CheckLabels(request.labels()));
  Checked out{.task_id = NewUuid7()};
  TRY_ASSIGN(out.graph,
             graphs_.Pick(request.graph(), request.request_id().empty() ? out.task_id : request.request_id()));
  Result<Value> input = Value::object();
  if (!request.input_json().empty()) input = ParseValue(request.input_json(), {.max_bytes = max_input_bytes});
  if (!input) return FieldError("input_json", input.error().message);
  if (!request.request_id().empty()) out.digest = DigestOf(request, *input);
  Result<Value> conformed = kind::Conform(out.graph->input, std::move(*input), "input");
  if (!conformed) return std::move(conformed).error();
  const UnixMs now_ms = clock_.NowMs();
  const graph::Limits& limits = out.graph->limits;
  const int64_t time_ms = Least(limits.time_ms, request.timeout_ms());
  constexpr int64_t kYearMs = 365LL * 24 * 3600 * 1000;
  out.accepted = {.graph = out.graph->name,
                  .version = out.graph->version,
                  .input = std::move(*conformed),
                  .request_id = request.request_id(),
                  .deadline_ms = time_ms == 0 ? 0 : now_ms + std::min(time_ms, kYearMs),
                  .labels = {request.labels().begin(), request.labels().end()},
                  .limits = {.tokens = Least(limits.tokens, request.token_limit()),
                             .device_us = Least(limits.device_us, request.device_us_limit()),
                             .money = Least(limits.money, request.money_limit_micros())},
                  .priority = request.has_priority() ? request.priority() : limits.priority};
  return out;
}

Result<v1::SubmitRequest> Tasks::TakeUpload(v1::SubmitRequest request) {
  if (!request.input_json().empty())
    return FieldError("input_sha256", "stands in place of input_json: give one of them");
  Result<std::string> content = uploads_.Read(request.input_sha256());
  if (!content) return Error{content.error().code, "input_sha256: " + content.error().message};
  request.set_input_json(std::move(*content));
  request.clear_input_sha256();
  return request;
}

void Tasks::Submit(const v1::SubmitRequest& request, Wants wants, BeforeAccept before,
                   std::function<void(Result<Found>)> done) {
  if (request.input_sha256().empty()) {
    return SubmitWhole(request, kMaxInputBytes, wants, std::move(before), std::move(done));
  }
  uploads_.Post([this, request, wants, before = std::move(before), done = std::move(done)]() mutable {
    const Result<v1::SubmitRequest> whole = TakeUpload(std::move(request));
    if (!whole) return done(whole.error());
    SubmitWhole(*whole, static_cast<size_t>(uploads_.max_bytes()), wants, std::move(before), std::move(done));
  });
}

void Tasks::SubmitWhole(const v1::SubmitRequest& request, size_t max_input_bytes, Wants wants, BeforeAccept before,
                        std::function<void(Result<Found>)> done) {
  Result<Checked> checked = Check(request, max_input_bytes);
  if (!checked) return done(checked.error());
  checked->answer_name = NameOfAnswer(*checked);
  if (request.input_json().size() > kMaxInputBytes) {
    checked->large_bytes = static_cast<int64_t>(request.input_json().size());
  }
  if (wants == Wants::kTask || checked->answer_name.empty()) {
    return TakeIn(std::move(*checked), before, std::move(done));
  }
  auto shared = std::make_shared<Checked>(std::move(*checked));
  FindAnswer(shared, [this, shared, before = std::move(before), done = std::move(done)](std::optional<Kept> kept) {
    kept ? done(Found{.kept = std::move(kept)}) : TakeIn(std::move(*shared), before, done);
  });
}

void Tasks::TakeIn(Checked checked, const BeforeAccept& before, std::function<void(Result<Found>)> done) {
  if (checked.digest.empty()) return done(Accept(std::move(checked), before));
  Read([this, checked = std::make_shared<Checked>(std::move(checked)), before, done = std::move(done)] {
    done(AcceptOnce(std::move(*checked), before));
  });
}

Result<std::optional<Tasks::Found>> Tasks::FindRequest(const std::string& request_id, const std::string& digest) {
  const auto same = [&](const std::string& other) -> Status {
    if (other == digest) return {};
    return Error{Code::kAlreadyExists,
                 "request_id '" + request_id + "' came before with another body: use a new one for a new task"};
  };
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = requests_.find(request_id); found != requests_.end()) {
      TRY(same(found->second.digest));
      return std::optional<Found>(Found{.runner = running_.at(found->second.task_id)});
    }
  }
  TRY_ASSIGN(std::optional<journal::TaskRow> row, journal_.FindRequest(request_id));
  if (!row) return std::optional<Found>();
  TRY(same(row->task.request_digest));
  return std::optional<Found>(Found{.row = std::move(row)});
}

Result<Tasks::Found> Tasks::AcceptOnce(Checked checked, const BeforeAccept& before) {
  TRY_ASSIGN(std::optional<Found> found, FindRequest(checked.accepted.request_id, checked.digest));
  if (found) return std::move(*found);
  return Accept(std::move(checked), before);
}

Result<std::shared_ptr<TaskRunner>> Tasks::Register(const journal::NewTask& row,
                                                    std::shared_ptr<const graph::Graph> graph, int64_t large_bytes) {
  TRY(journal_.Health());
  const std::lock_guard lock(mutex_);
  if (stopped_) return Unavailable("the router is stopping: try again when it is back");
  const auto resting = static_cast<size_t>(std::max<int64_t>(0, resting_));
  const size_t at_work = running_.size() - std::min(resting, running_.size());
  if (at_work >= options_.max_running || resting >= options_.max_resting) {
    return Exhausted(std::to_string(at_work) + " tasks are running and " + std::to_string(resting) +
                         " wait for a person, no more are taken in: try again later",
                     kBusyRetryMs);
  }
  if (large_bytes > options_.uploads.max_total_bytes - large_bytes_) {
    return Exhausted("running tasks hold " + std::to_string(large_bytes_ >> 20) +
                         " MiB of large inputs, no more are taken in: try again later",
                     kBusyRetryMs);
  }
  if (large_bytes > 0) large_of_[row.uuid] = large_bytes;
  large_bytes_ += large_bytes;
  auto runner = std::make_shared<TaskRunner>(world_, ++last_key_, row.uuid, std::move(graph));
  running_.emplace(row.uuid, runner);
  if (!row.request_id.empty()) {
    requests_[row.request_id] = {row.uuid, row.request_digest};
    request_of_[row.uuid] = row.request_id;
  }
  return runner;
}

Result<Tasks::Found> Tasks::Accept(Checked checked, const BeforeAccept& before) {
  journal::NewTask row{.uuid = checked.task_id,
                       .request_id = checked.accepted.request_id,
                       .request_digest = checked.digest,
                       .graph = checked.graph->name,
                       .version = checked.graph->version.value,
                       .accepted_ms = clock_.NowMs(),
                       .labels = checked.accepted.labels};
  TRY_ASSIGN(std::shared_ptr<TaskRunner> runner, Register(row, checked.graph, checked.large_bytes));
  if (!checked.answer_name.empty()) {
    const std::lock_guard lock(mutex_);
    answer_names_[row.uuid] = std::move(checked.answer_name);
  }
  if (before) before(runner);
  runner->Accept(std::move(checked.accepted), std::move(row));
  return Found{.runner = std::move(runner)};
}

void Tasks::Fork(const v1::ForkRequest& request, std::function<void(Result<Forked>)> done) {
  if (request.request_id().size() > kMaxRequestId)
    return done(FieldError("request_id", "may have at most 128 characters"));
  if (request.step().empty() || request.step().size() > kMaxStepPath)
    return done(FieldError("step", "must be a step's path of 1 to 1,000 characters"));
  Read([this, request, done = std::move(done)] { done(ForkNow(request)); });
}

Result<Tasks::Forked> Tasks::ForkNow(const v1::ForkRequest& request) {
  std::string digest;
  if (!request.request_id().empty()) {
    digest = Sha256Hex(Dump(Value{{"fork", request.task_id()}, {"step", request.step()}}));
    TRY_ASSIGN(std::optional<Found> found, FindRequest(request.request_id(), digest));
    if (found) return Forked{.task = std::move(*found)};
  }
  TRY_ASSIGN(const journal::TaskRow original, RowOf(request.task_id()));
  TRY_ASSIGN(const std::vector<core::Record> records, ReadCoreRecords(original));
  auto fork = core::ForkBefore(records, request.step(), clock_.NowMs(), request.request_id());
  if (!fork && fork.error().code == Code::kNotFound) {
    const std::set<std::string> points = core::ForkPoints(records);
    return NotFound(fork.error().message + kind::Suggest(request.step(), {points.begin(), points.end()}));
  }
  if (!fork) return fork.error();
  const auto& accepted = std::get<core::Accepted>(fork->before.empty() ? fork->event : fork->before.front().event);
  TRY_ASSIGN(const std::shared_ptr<const graph::Graph> graph, graphs_.Version(accepted.graph, accepted.version.value));
  journal::NewTask row{.uuid = NewUuid7(),
                       .request_id = request.request_id(),
                       .request_digest = digest,
                       .graph = accepted.graph,
                       .version = accepted.version.value,
                       .accepted_ms = fork->before.empty() ? clock_.NowMs() : fork->before.front().time_ms,
                       .labels = accepted.labels};
  const auto copied = static_cast<int64_t>(fork->before.size());
  TRY_ASSIGN(std::shared_ptr<TaskRunner> runner, Register(row, graph));
  const std::string task_id = row.uuid;
  if (Status taken = runner->AcceptFork(std::move(*fork), std::move(row)); !taken) {
    OnEnded(task_id);
    return taken.error();
  }
  return Forked{.task = {.runner = std::move(runner)}, .copied = copied};
}

Result<journal::TaskRow> Tasks::RowOf(const std::string& task_id) {
  TRY_ASSIGN(Found found, Find(task_id));
  if (found.row) return std::move(*found.row);
  journal::TaskRow row{.key = found.runner->key()};
  row.task.uuid = task_id;
  return row;
}

void Tasks::OnEnded(const std::string& task_id) {
  std::shared_ptr<TaskRunner> gone;
  {
    const std::lock_guard lock(mutex_);
    const auto found = running_.find(task_id);
    if (found == running_.end()) return;
    gone = std::move(found->second);
    running_.erase(found);
    if (const auto request = request_of_.find(task_id); request != request_of_.end()) {
      requests_.erase(request->second);
      request_of_.erase(request);
    }
    if (const auto large = large_of_.find(task_id); large != large_of_.end()) {
      large_bytes_ -= large->second;
      large_of_.erase(large);
    }
  }
  KeepAnswer(*gone);
  const graph::Graph& graph = gone->graph();
  if (graphs_.HasCanaries() && graphs_.NoteEnd(graph, gone->key(), gone->status(), gone->CountStudents())) {
    Read([this, name = graph.name] { graphs_.RollBackCanary(name); });
  }
}

std::map<std::string, int64_t> Tasks::RunningOn(const std::string& graph) const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, int64_t> out;
  for (const auto& [id, runner] : running_) {
    if (runner->graph().name == graph) ++out[runner->graph().version.value];
  }
  return out;
}

std::shared_ptr<TaskRunner> Tasks::FindRunning(const std::string& task_id) {
  const std::lock_guard lock(mutex_);
  const auto found = running_.find(task_id);
  return found == running_.end() ? nullptr : found->second;
}

Result<Tasks::Found> Tasks::Find(const std::string& task_id) {
  if (auto runner = FindRunning(task_id)) return Found{.runner = std::move(runner)};
  TRY_ASSIGN(std::optional<journal::TaskRow> row, journal_.FindTask(task_id));
  if (!row) return NotFound("no task " + task_id + "; list them with 'troupe list'");
  return Found{.row = std::move(row)};
}

void Tasks::Read(std::function<void()> work) { boost::asio::post(reads_, std::move(work)); }

Result<std::vector<v1::Record>> Tasks::ReadRecords(journal::TaskKey key, int64_t after, int max_records,
                                                   size_t max_bytes) {
  TRY_ASSIGN(const std::vector<journal::RecordRow> rows, journal_.ReadRecords(key, after, max_records, max_bytes));
  std::vector<v1::Record> out(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!out[i].ParseFromString(rows[i].bytes)) {
      return Error{Code::kDataLoss,
                   "record " + std::to_string(rows[i].sequence) + " of a task is damaged in the journal"};
    }
    TRY(journal::PutBack(out[i], [this](const std::string& sha256) { return journal_.ReadBlob(sha256); }));
  }
  return out;
}

Result<std::vector<core::Record>> Tasks::ReadCoreRecords(const journal::TaskRow& row) {
  constexpr int kAtOnce = 256;
  constexpr size_t kBytesAtOnce = 4u << 20;
  std::vector<core::Record> out;
  while (true) {
    TRY_ASSIGN(const std::vector<v1::Record> some,
               ReadRecords(row.key, static_cast<int64_t>(out.size()), kAtOnce, kBytesAtOnce));
    if (some.empty()) return out;
    for (const v1::Record& message : some) {
      TRY_ASSIGN(core::Record record, journal::Decode(message, nullptr));
      if (record.sequence != static_cast<int64_t>(out.size()) + 1) {
        return Error{Code::kDataLoss, "record " + std::to_string(out.size() + 1) + " of task " + row.task.uuid +
                                          " is missing from the journal"};
      }
      out.push_back(std::move(record));
    }
  }
}

Result<core::TaskState> Tasks::ReadState(const journal::TaskRow& row) {
  Result<std::vector<core::Record>> records = ReadCoreRecords(row);
  const bool whole = records && static_cast<int64_t>(records->size()) >= std::max<int64_t>(row.last_sequence, 1);
  if (records && !whole) return Missing(row.task.uuid);
  if (!records) return records.error();
  core::TaskState state;
  for (const core::Record& record : *records) TRY(core::Fold(state, record));
  return state;
}

Error Tasks::Missing(const std::string& task_id) {
  const auto row = journal_.FindTask(task_id);
  if (row && !*row) {
    return NotFound("task " + task_id +
                    " is no longer kept: the router removes finished tasks (--retain, --retain-tasks)");
  }
  return {Code::kDataLoss, "records of task " + task_id + " are missing from the journal: run 'troupe journal check'"};
}

Result<std::vector<journal::TaskRow>> Tasks::ListWaiting(journal::TaskFilter filter) {
  const int wanted = std::exchange(filter.limit, 1000);
  filter.status = core::TaskStatus::kRunning;
  std::vector<journal::TaskRow> out;
  while (true) {
    TRY_ASSIGN(std::vector<journal::TaskRow> rows, journal_.ListTasks(filter));
    for (journal::TaskRow& row : rows) {
      filter.before = row.key;
      const std::shared_ptr<TaskRunner> runner = FindRunning(row.task.uuid);
      if (!runner || runner->OpenQuestions().empty()) continue;
      out.push_back(std::move(row));
      if (static_cast<int>(out.size()) == wanted) return out;
    }
    if (static_cast<int>(rows.size()) < filter.limit) return out;
  }
}

Status Tasks::RecoverOne(const journal::TaskRow& row) {
  TRY_ASSIGN(const std::shared_ptr<const graph::Graph> graph, graphs_.Version(row.task.graph, row.task.version));
  TRY_ASSIGN(const std::vector<core::Record> records, ReadCoreRecords(row));
  auto runner = std::make_shared<TaskRunner>(world_, row.key, row.task.uuid, graph);
  {
    const std::lock_guard lock(mutex_);
    running_.emplace(row.task.uuid, runner);
    if (!row.task.request_id.empty()) {
      requests_[row.task.request_id] = {row.task.uuid, row.task.request_digest};
      request_of_[row.task.uuid] = row.task.request_id;
    }
  }
  Status restored = runner->Restore(records);
  if (!restored) OnEnded(row.task.uuid);
  return restored;
}

Status Tasks::Recover() {
  TRY_ASSIGN(last_key_, journal_.LastKey());
  TRY_ASSIGN(const std::vector<journal::TaskRow> rows, journal_.Unfinished());
  size_t recovered = 0;
  for (const journal::TaskRow& row : rows) {
    if (Status done = RecoverOne(row); done) {
      ++recovered;
    } else if (world_.log) {
      world_.log("task " + row.task.uuid + " cannot go on and is left as it is: " + ToString(done.error()));
    }
  }
  if (!rows.empty() && world_.log) world_.log(std::to_string(recovered) + " unfinished tasks go on");
  return {};
}

void Tasks::Stop() {
  std::vector<std::shared_ptr<TaskRunner>> runners;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    for (const auto& [id, runner] : running_) runners.push_back(runner);
  }
  for (const auto& runner : runners) runner->Stop();
}

void Tasks::Join() {
  // those that come by Upload go on to a look-up
  uploads_.Join();
  watchers_.join();
  reads_.join();
}

}  // namespace troupe::gateway
