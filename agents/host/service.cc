#include "agents/host/service.h"

#include <algorithm>
#include <utility>

#include "agents/host/report_call.h"
#include "agents/host/single_work.h"
#include "agents/host/stream_work.h"

namespace troupe::host {
namespace {
// Report's contract: at most 20 a second.
constexpr std::chrono::milliseconds kReportInterval{50};

int64_t LeastLimit(int64_t a, int64_t b) {
  if (a <= 0) return std::max<int64_t>(b, 0);
  return b <= 0 ? a : std::min(a, b);
}

int64_t TokensByConfig(const Spec& spec, const kind::Kind& declared) {
  if (declared.tokens_field.empty() || !spec.config.contains(declared.tokens_field)) return 0;
  const Value& limit = spec.config.at(declared.tokens_field);
  return limit.is_number_integer() ? limit.get<int64_t>() : 0;
}
}  // namespace

Service::Service(Spec spec, const kind::Kind& declared, Kind& kind, const Clock& clock, MemoryLimits limits)
    : spec_(std::move(spec)),
      declared_(declared),
      kind_(kind),
      facts_(kind.facts()),
      clock_(clock),
      slots_(spec_.agent, spec_.slots > 0 ? spec_.slots : facts_.slots, spec_.queue_limit, clock),
      memory_(clock, limits),
      token_limit_(LeastLimit(TokensByConfig(spec_, declared), spec_.max_tokens)),
      pacer_([this] { PaceReports(); }) {}

Service::~Service() {
  {
    std::lock_guard lock(report_mutex_);
    stopping_ = true;
    report_wanted_.notify_all();
  }
  pacer_.join();
}

grpc::ServerUnaryReactor* Service::Describe(grpc::CallbackServerContext* context, const v1::DescribeRequest*,
                                            v1::DescribeResponse* response) {
  response->set_agent(spec_.agent);
  response->set_replica(spec_.replica);
  response->set_kind(spec_.kind);
  response->set_model_digest(facts_.model_digest);
  response->set_device(spec_.device.product);
  response->set_relaxed_from(spec_.relaxed_from);
  response->set_slots(slots_.slots());
  response->set_queue_limit(slots_.queue_limit());
  response->set_spec_digest(spec_.digest);
  response->set_answers_once(facts_.answers_once || !declared_.streams);
  return rpc::AnswerNow(context, grpc::Status::OK);
}

grpc::ServerBidiReactor<v1::WorkRequest, v1::WorkResponse>* Service::Work(grpc::CallbackServerContext*) {
  return std::make_shared<StreamWork>(*this)->Open();
}

grpc::ServerUnaryReactor* Service::Do(grpc::CallbackServerContext*, const v1::DoRequest* request,
                                      v1::DoResponse* response) {
  const auto call = std::make_shared<SingleWork>(*this, *response);
  auto* reactor = call->Open();
  call->Start(*request);
  return reactor;
}

namespace {

// What clients have seen of a step must be how its answer begins: another replica may have written that text.
bool GoesOnAfter(const v1::WorkResponse& answer, const std::string& committed_text) {
  if (committed_text.empty()) return true;
  const auto output = ParseValue(answer.done().output_json());
  if (!output || !output->is_object()) return false;
  const auto text = output->find("text");
  return text != output->end() && text->is_string() && text->get_ref<const std::string&>().starts_with(committed_text);
}

}  // namespace

void Service::Admit(const std::shared_ptr<WorkCall>& call, const v1::Start& start) {
  if (!start.idempotency_key().empty()) {
    if (auto remembered = memory_.Find(call->key())) {
      v1::WorkResponse answer;
      if (answer.ParseFromString(*remembered) && GoesOnAfter(answer, start.committed_text())) {
        return call->SendEnd(std::move(answer));
      }
    }
  }
  std::shared_ptr<WorkCall> older;
  {
    std::lock_guard lock(mutex_);
    if (draining_) {
      constexpr int64_t kElsewhereMs = 100;
      return call->EndCall(
          Status(Error{Code::kUnavailable, "agent " + spec_.agent + " is stopping; send the step to another replica",
                       kElsewhereMs}));
    }
    auto& place = running_[call->key()];
    older = place.lock();
    place = call;
  }
  // the same step again while it runs: its caller lost the first stream, and the new one says how much of it is on disk
  if (older) older->Stop({Code::kAborted, "the same step was sent again on another stream"});

  if (kind_.pages().total > 0) prefixes_.Saw(start.input_json());
  auto input = ParseValue(start.input_json());
  if (input) input = kind::Conform(declared_.input, std::move(*input), "input");
  if (!input) return call->Refuse(std::move(input).error());
  call->SetInput(std::move(*input), LeastLimit(token_limit_, start.token_budget()));
  if (auto entered = slots_.Enter(call.get(), [this, call] { Start(call); }); !entered) {
    Forget(*call);
    call->EndCall(entered);
  }
  LoadChanged();
}

void Service::Start(const std::shared_ptr<WorkCall>& call) {
  call->MarkStarted(std::max<int64_t>(clock_.MonotonicNs(), 1));
  auto step = call->Lend();
  if (call->cancelled()) return step->Fail(Cancelled("the caller went away while the step was waiting"), {});
  kind_.Work(std::move(step));
}

void Service::Finished(WorkCall& call) {
  Forget(call);
  if (call.started_ns() != 0) slots_.Leave(call.started_ns());
  LoadChanged();
}

void Service::Abandoned(WorkCall& call) {
  if (!slots_.Remove(&call)) return;
  Forget(call);
  LoadChanged();
}

void Service::Forget(WorkCall& call) {
  std::lock_guard lock(mutex_);
  auto found = running_.find(call.key());
  // a newer stream for the same key may have taken the place
  if (found != running_.end() && found->second.lock().get() == &call) running_.erase(found);
  if (running_.empty()) idle_.notify_all();
}

void Service::Drain() {
  {
    std::lock_guard lock(mutex_);
    draining_ = true;
  }
  LoadChanged();
}

bool Service::WaitIdle(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return idle_.wait_for(lock, limit, [this] { return running_.empty(); });
}

void Service::HandBack() {
  std::vector<std::shared_ptr<WorkCall>> left;
  {
    std::lock_guard lock(mutex_);
    for (auto& [key, weak] : running_) {
      if (auto call = weak.lock()) left.push_back(std::move(call));
    }
  }
  for (auto& call : left)
    call->Stop(Unavailable("agent " + spec_.agent + " stopped before the step was done; send it again"));
  std::vector<std::shared_ptr<ReportCall>> reports;
  {
    std::lock_guard lock(report_mutex_);
    stopping_ = true;
    reports.swap(reports_);
    report_wanted_.notify_all();
  }
  for (auto& report : reports) report->End(Status(Unavailable("agent " + spec_.agent + " is stopping")));
}

grpc::ServerWriteReactor<v1::ReportResponse>* Service::Report(grpc::CallbackServerContext*, const v1::ReportRequest*) {
  auto call = std::make_shared<ReportCall>();
  auto* reactor = call->Open();
  std::lock_guard lock(report_mutex_);
  if (stopping_) {
    call->End(Status(Unavailable("agent " + spec_.agent + " is stopping")));
    return reactor;
  }
  call->Offer(CurrentLoad());
  reports_.push_back(std::move(call));
  report_wanted_.notify_all();
  return reactor;
}

v1::ReportResponse Service::CurrentLoad() const {
  v1::ReportResponse load;
  const Slots::Load now = slots_.load();
  load.set_active(now.active);
  load.set_queued(now.queued);
  load.set_tokens_per_second(static_cast<float>(kind_.tokens_per_second()));
  const Pages pages = kind_.pages();
  load.set_pages_total(pages.total);
  load.set_pages_free(pages.free);
  if (pages.total > 0) {
    for (const uint64_t digest : prefixes_.Digests()) load.add_prefixes(digest);
  }
  std::lock_guard lock(mutex_);
  load.set_draining(draining_);
  return load;
}

void Service::LoadChanged() {
  // the pacer looks again soon; nobody needs waking for what is already on its list
  // (release, acquire: the pacer that takes the mark down sees what changed before it was put up)
  if (load_changed_.exchange(true, std::memory_order_release)) return;
  std::lock_guard lock(report_mutex_);
  if (!reports_.empty()) report_wanted_.notify_all();
}

void Service::PaceReports() {
  std::unique_lock lock(report_mutex_);
  while (!stopping_) {
    report_wanted_.wait(lock, [this] { return stopping_ || (!reports_.empty() && load_changed_); });
    if (stopping_) return;
    load_changed_.exchange(false, std::memory_order_acquire);
    const v1::ReportResponse load = CurrentLoad();
    std::erase_if(reports_, [](const auto& report) { return report->gone(); });
    for (auto& report : reports_) report->Offer(load);
    report_wanted_.wait_for(lock, kReportInterval, [this] { return stopping_; });
  }
}

}  // namespace troupe::host
