#include "router/dispatch/replica.h"

#include <algorithm>
#include <utility>

#include "runtime/rpc/channel.h"

namespace troupe::dispatch {
namespace {

constexpr int64_t kDescribeTimeoutMs = 5'000;
constexpr int64_t kFirstPauseMs = 50;
constexpr int64_t kMaxPauseMs = 2'000;

}  // namespace

Result<std::shared_ptr<Replica>> Replica::Open(const ReplicaEntry& entry, const World& world, Events events) {
  rpc::ChannelOptions options;
  options.max_reconnect_backoff = std::chrono::milliseconds(1'000);
  TRY_ASSIGN(const std::shared_ptr<grpc::Channel> channel, rpc::OpenChannel(entry.address, options));
  std::shared_ptr<Replica> replica(new Replica(entry, world, std::move(events)));
  replica->stub_ = v1::AgentService::NewStub(channel);
  return replica;
}

void Replica::Connect() {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || connecting_) return;
    connecting_ = true;
  }
  auto cancel = rpc::CallUnary<v1::DescribeResponse>(
      [self = shared_from_this()](auto* context, auto* request, auto* response, auto done) {
        self->stub_->async()->Describe(context, request, response, std::move(done));
      },
      v1::DescribeRequest(), {.timeout_ms = kDescribeTimeoutMs, .wait_for_ready = true},
      [self = shared_from_this()](Result<v1::DescribeResponse> description) {
        self->OnDescribed(std::move(description));
      });
  const std::lock_guard lock(mutex_);
  if (stopped_) {
    cancel();
  } else {
    cancel_describe_ = std::move(cancel);
  }
}

void Replica::OnDescribed(Result<v1::DescribeResponse> description) {
  if (description && !description->agent().empty() && description->agent() != entry_.agent) {
    description = FailedPrecondition(entry_.address + " is agent " + description->agent() + ", not " + entry_.agent +
                                     ": correct the list of replicas");
  }
  if (!description) return OnLost(description.error());
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  cancel_describe_ = nullptr;
  description_ = std::move(*description);
  described_ = true;
  answers_once_.store(description_.answers_once(), std::memory_order_relaxed);
  report_.Clear();
  report_call_ = rpc::ClientReader<v1::ReportResponse>::Start(
      [this](auto* context, auto* request, auto* reactor) { stub_->async()->Report(context, request, reactor); },
      v1::ReportRequest(), {},
      {.on_message = [self = shared_from_this()](v1::ReportResponse& report) { self->OnReport(report); },
       .on_done =
           [self = shared_from_this()](const grpc::Status& status) {
             self->OnLost(status.ok() ? Unavailable("the agent ended its reports") : rpc::FromGrpc(status));
           }});
}

void Replica::OnReport(const v1::ReportResponse& report) {
  bool changed = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || !connecting_) return;
    const bool was_ready = std::exchange(ready_, !report.draining());
    changed = was_ready != ready_;
    report_ = report;
    problem_ = report.draining() ? "draining" : "";
    if (ready_) pause_ms_ = 0;
  }
  if (!changed) return;
  if (events_.log) events_.log("replica " + entry_.replica + (report.draining() ? " drains" : " is ready"));
  events_.on_change();
}

void Replica::OnLost(const Error& error) {
  const std::lock_guard lock(mutex_);
  if (stopped_ || !connecting_) return;
  connecting_ = false;
  cancel_describe_ = nullptr;
  if (ready_ && events_.log) events_.log("replica " + entry_.replica + " is lost: " + error.message);
  if (ready_ && in_flight_.load(std::memory_order_relaxed) > 0) Judge(Verdict::kFails);
  ready_ = false;
  problem_ = error.message;
  pause_ms_ = std::clamp(pause_ms_ * 2, kFirstPauseMs, kMaxPauseMs);
  reconnect_ = timers_.After(pause_ms_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->Connect();
  });
}

void Replica::MarkBroken(const std::string& problem) {
  const std::lock_guard lock(mutex_);
  if (stopped_ || !ready_) return;
  ready_ = false;
  problem_ = problem;
  // However many steps were there, it is one failure.
  Judge(Verdict::kFails);
  // Its end is OnLost, which connects anew.
  report_call_.Cancel();
}

void Replica::Stop() {
  std::function<void()> cancel;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    ready_ = false;
    problem_ = "no longer in the list of replicas";
    cancel = std::exchange(cancel_describe_, nullptr);
    report_call_.Cancel();
  }
  if (cancel) cancel();
  timers_.Cancel(reconnect_);
  timers_.Cancel(half_open_);
}

void Replica::Take() {
  in_flight_.fetch_add(1, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  breaker_.OnSent(NowMs());
}

void Replica::GiveBack(std::optional<Code> end) {
  in_flight_.fetch_sub(1, std::memory_order_relaxed);
  if (end == Code::kOk) done_.fetch_add(1, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  Judge(end ? VerdictOf(*end) : Verdict::kNeither);
}

void Replica::Judge(Verdict verdict) {
  const int64_t now_ms = NowMs();
  if (!breaker_.OnEnd(verdict, now_ms) || stopped_) return;
  timers_.Cancel(std::exchange(half_open_, {}));
  if (breaker_.At(now_ms) == Circuit::kClosed) {
    if (events_.log) events_.log("replica " + entry_.replica + " works again");
    return;
  }
  if (events_.log) events_.log("replica " + entry_.replica + " " + WhyNotTrusted());
  // Those who wait may then try it.
  half_open_ = timers_.After(breaker_.open_until_ms() - now_ms, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->events_.on_change();
  });
}

std::string Replica::WhyNotTrusted() const {
  const int64_t now_ms = NowMs();
  const std::string failed = "failed " + std::to_string(breaker_.failures()) + " steps in a row; ";
  if (breaker_.At(now_ms) == Circuit::kHalfOpen) return failed + "one at a time tries whether it works again";
  return failed + "it gets none for " + std::to_string(breaker_.open_until_ms() - now_ms) + " ms";
}

int Replica::SharedWith(std::span<const uint64_t> prefixes) const {
  const auto& known = report_.prefixes();
  for (size_t i = prefixes.size(); i > 0 && !known.empty(); --i) {
    if (std::find(known.begin(), known.end(), prefixes[i - 1]) != known.end()) return static_cast<int>(i);
  }
  return 0;
}

Candidate Replica::AsCandidate(std::span<const uint64_t> prefixes) const {
  const std::lock_guard lock(mutex_);
  const int slots = std::max(1, description_.slots());
  return {.spill = entry_.spill,
          .ready = ready_ && breaker_.Admits(NowMs()),
          .in_flight = in_flight_.load(std::memory_order_relaxed),
          .slots = slots,
          .capacity = slots + std::max(0, description_.queue_limit()),
          .shared = SharedWith(prefixes)};
}

Replica::Snapshot Replica::GetSnapshot() const {
  const std::lock_guard lock(mutex_);
  const Circuit circuit = breaker_.At(NowMs());
  return {.ready = ready_ && circuit != Circuit::kOpen,
          .problem = ready_ && circuit != Circuit::kClosed ? WhyNotTrusted() : problem_,
          .circuit = circuit,
          .active = report_.active(),
          .queued = report_.queued(),
          .done = done_.load(std::memory_order_relaxed),
          .description = description_};
}

std::string Replica::ModelDigest() const {
  const std::lock_guard lock(mutex_);
  return description_.model_digest();
}

std::optional<std::string> Replica::DescribedModel() const {
  const std::lock_guard lock(mutex_);
  return described_ ? std::optional(description_.model_digest()) : std::nullopt;
}

}  // namespace troupe::dispatch
