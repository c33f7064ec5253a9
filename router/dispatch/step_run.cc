#include "router/dispatch/step_run.h"

#include <algorithm>
#include <utility>

#include "runtime/base/prefix.h"

namespace troupe::dispatch {
namespace {

// The agent is another process: nothing costs less than nothing.
core::Usage ToUsage(const v1::Usage& usage) {
  return {std::max<int64_t>(0, usage.prompt_tokens()), std::max<int64_t>(0, usage.generated_tokens()),
          std::max<int64_t>(0, usage.device_us())};
}

}  // namespace

StepRun::StepRun(StepOrder order, std::shared_ptr<StepListener> listener, std::shared_ptr<Pool> pool, Timers& timers,
                 const Clock& clock, const StepRunLimits& limits, Census& census)
    : member_(census),
      order_(std::move(order)),
      prefixes_(PrefixDigests(order_.input_json)),
      listener_(std::move(listener)),
      pool_(std::move(pool)),
      timers_(timers),
      clock_(clock),
      limits_(limits),
      started_ns_(clock.MonotonicNs()),
      tried_(order_.tried),
      text_(order_.committed_text) {
  site_.agent = order_.agent;
}

std::optional<int64_t> StepRun::RemainingMs() const {
  if (order_.timeout_ms <= 0) return std::nullopt;
  return order_.timeout_ms - (clock_.MonotonicNs() - started_ns_) / 1'000'000;
}

void StepRun::Start() { Place(); }

bool StepRun::StartElsewhere(const Where& not_there) {
  {
    const std::lock_guard lock(mutex_);
    if (over_) return false;
    is_second_ = true;
    waiting_ = true;
    placed_ns_ = clock_.MonotonicNs();
    tried_.insert(not_there.replica);
  }
  if (pool_->AskElsewhere(shared_from_this(), not_there.spill)) return true;
  const std::lock_guard lock(mutex_);
  waiting_ = false;
  over_ = true;
  return false;
}

std::optional<StepTry::Where> StepRun::where() {
  const std::lock_guard lock(mutex_);
  if (over_ || !replica_) return std::nullopt;
  return Where{replica_->entry().replica, replica_->entry().spill};
}

void StepRun::Place() {
  {
    const std::lock_guard lock(mutex_);
    if (over_) return;
    waiting_ = true;
    placed_ns_ = clock_.MonotonicNs();
  }
  if (Status asked = pool_->Ask(shared_from_this()); !asked) return EndLater(std::move(asked).error());
  WatchWaiting();
}

// A timer only for those who really wait: most steps never do.
void StepRun::WatchWaiting() {
  const std::lock_guard lock(mutex_);
  if (over_ || !waiting_) return;
  const int64_t limit_ms = RemainingMs().value_or(limits_.max_wait_ms);
  timer_ = timers_.After(limit_ms, [self = shared_from_this()] {
    {
      const std::lock_guard again(self->mutex_);
      if (self->over_ || !self->waiting_) return;
      self->waiting_ = false;
    }
    self->pool_->Leave(self.get());
    const std::string why = self->pool_->WhyNone();
    const bool own_limit = self->order_.timeout_ms > 0;
    self->EndUnsaid({own_limit ? Code::kDeadlineExceeded : Code::kUnavailable,
                     own_limit
                         ? "the step's time limit of " + std::to_string(self->order_.timeout_ms) + " ms passed: " + why
                         : why});
  });
}

void StepRun::StopWatchWaiting() {
  if (timer_.number != 0) timers_.Cancel(std::exchange(timer_, {}));
}

void StepRun::OnReplica(std::shared_ptr<Replica> replica, std::string reason) {
  {
    const std::lock_guard lock(mutex_);
    if (!over_ && waiting_) {
      waiting_ = false;
      StopWatchWaiting();
      replica_ = std::move(replica);
      site_.replica = replica_->entry().replica;
      site_.reason = std::move(reason);
      site_.model_digest = replica_->ModelDigest();
      site_.spill = replica_->entry().spill;
      site_.queued_us += (clock_.MonotonicNs() - placed_ns_) / 1000;
      site_.sent_ms = clock_.NowMs();
      sent_ns_ = clock_.MonotonicNs();
      if (resends_ > 0)
        site_.reason += "; sent again " + std::to_string(resends_) + (resends_ == 1 ? " time" : " times");
    }
  }
  if (replica) {
    // Nobody wants it any more; the place goes to the next in line.
    replica->GiveBack(std::nullopt);
    timers_.After(0, [pool = pool_] { pool->Pump(); });
    return;
  }
  Send();
}

void StepRun::Send() {
  const std::optional<int64_t> remaining_ms = RemainingMs();
  if (remaining_ms && *remaining_ms <= 0) {
    GiveBack(std::nullopt);
    return EndLater({Code::kDeadlineExceeded,
                     "the step's time limit of " + std::to_string(order_.timeout_ms) + " ms passed while it waited"});
  }
  const rpc::CallOptions options{.timeout_ms = remaining_ms.value_or(0)};
  v1::Start start;
  start.set_idempotency_key(order_.key);
  start.set_input_json(order_.input_json);
  start.set_token_budget(order_.token_budget);
  start.set_quiet(order_.quiet);
  std::shared_ptr<Replica> replica;
  {
    const std::lock_guard lock(mutex_);
    if (over_) return;
    start.set_committed_text(text_);
    replica = replica_;
  }
  const bool once = replica->AnswersOnce() || (order_.quiet && !order_.may_ask);
  if (once) return CallOnce(std::move(start), options, *replica);
  OpenStream(std::move(start), options);
}

void StepRun::CallOnce(v1::Start start, const rpc::CallOptions& options, Replica& replica) {
  v1::DoRequest request;
  *request.mutable_start() = std::move(start);
  auto cancel = rpc::CallUnary<v1::DoResponse>(
      [&replica](auto* context, auto* message, auto* response, auto done) {
        replica.stub().async()->Do(context, message, response, std::move(done));
      },
      std::move(request), options,
      [self = shared_from_this()](Result<v1::DoResponse> response) {
        if (!response) return self->OnBroken(std::move(response).error());
        if (response->has_failed()) return self->OnFailed(response->failed());
        if (!response->has_done()) return self->OnStreamEnd(grpc::Status::OK);
        self->End(ParseValue(response->done().output_json()), response->done().usage());
      });
  const std::lock_guard lock(mutex_);
  if (over_) return cancel();
  cancel_call_ = std::move(cancel);
}

void StepRun::OpenStream(v1::Start start, const rpc::CallOptions& options) {
  v1::WorkRequest request;
  *request.mutable_start() = std::move(start);
  const std::lock_guard lock(mutex_);
  if (over_) return;
  asked_ = 0;
  unanswered_.clear();
  // One piece on the wire where there will be no Answer to send.
  stream_ = Stream::Start(
      [this](auto* context, auto* reactor) { replica_->stub().async()->Work(context, reactor); }, options,
      {.on_message = [self = shared_from_this()](v1::WorkResponse& message) { return self->OnMessage(message); },
       .on_done = [self = shared_from_this()](const grpc::Status& status) { self->OnStreamEnd(status); }},
      std::move(request), order_.may_ask ? Stream::More::kFollows : Stream::More::kLast);
}

bool StepRun::OnMessage(v1::WorkResponse& message) {
  switch (message.message_case()) {
    case v1::WorkResponse::kDelta: {
      v1::Delta& delta = *message.mutable_delta();
      if (order_.quiet || delta.text().empty()) return true;
      constexpr size_t kMaxTextBytes = 8u << 20;
      bool too_long = false;
      {
        const std::lock_guard lock(mutex_);
        if (over_) return false;
        text_ += delta.text();
        said_tokens_ = std::max(said_tokens_, delta.generated_tokens());
        too_long = text_.size() > kMaxTextBytes;
      }
      if (too_long) {
        return GiveUp({Code::kResourceExhausted,
                       "agent " + order_.agent + " streamed more than 8 MiB of text: lower its maxTokens"});
      }
      listener_->OnStepText(order_.path, order_.attempt, std::move(*delta.mutable_text()), delta.generated_tokens());
      return true;
    }
    case v1::WorkResponse::kDone:
      End(ParseValue(message.done().output_json()), message.done().usage());
      return false;
    case v1::WorkResponse::kFailed:
      OnFailed(message.failed());
      return false;
    case v1::WorkResponse::kAsk:
      if (order_.may_ask) return OnAsk(message.ask());
      return GiveUp(FailedPrecondition("agent " + order_.agent + " asked peer " + message.ask().peer() +
                                       ", but the graph declares no asks for it"));
    default:
      return GiveUp(Internal("agent " + order_.agent +
                             " sent a message that this router does not know; do their releases match?"));
  }
}

void StepRun::OnFailed(const v1::Failed& failed) {
  const int code = failed.code() >= 1 && failed.code() <= 16 ? failed.code() : static_cast<int>(Code::kUnknown);
  End(Error{static_cast<Code>(code), failed.message(), failed.retry_after_ms()}, failed.usage());
}

// The agent is another process: all is checked.
bool StepRun::OnAsk(const v1::Ask& ask) {
  constexpr int kMaxQuestions = 1000;
  Result<Value> input = ParseValue(ask.input_json());
  if (!input) return GiveUp(Internal("agent " + order_.agent + " asked what is no JSON: " + input.error().message));
  StepQuestion question{.ordinal = ask.ordinal(), .peer = ask.peer(), .input = std::move(*input)};
  bool in_order = false;
  {
    const std::lock_guard lock(mutex_);
    if (over_) return false;
    in_order = question.ordinal == asked_ + 1 && question.ordinal <= kMaxQuestions;
    asked_ = question.ordinal;
    if (in_order) unanswered_[question.ordinal] = question;
  }
  if (!in_order) {
    return GiveUp(Internal("agent " + order_.agent + " numbered a question " + std::to_string(ask.ordinal()) +
                           "; questions of a step are numbered 1, 2, 3 up to " + std::to_string(kMaxQuestions)));
  }
  listener_->OnStepAsk(order_.path, order_.attempt, std::move(question));
  return true;
}

void StepRun::Answer(const StepQuestion& question, const Result<Value>& answer) {
  v1::WorkRequest request;
  v1::Answer& out = *request.mutable_answer();
  out.set_ordinal(question.ordinal);
  if (answer) {
    out.set_output_json(Dump(*answer));
  } else {
    out.mutable_failed()->set_code(static_cast<int>(answer.error().code));
    out.mutable_failed()->set_message(answer.error().message);
    out.mutable_failed()->set_retry_after_ms(answer.error().retry_after_ms);
  }
  const std::lock_guard lock(mutex_);
  const auto asked = unanswered_.find(question.ordinal);
  if (over_ || asked == unanswered_.end() || asked->second != question) return;
  unanswered_.erase(asked);
  stream_.Send(std::move(request));
}

bool StepRun::GiveUp(Error error) {
  {
    const std::lock_guard lock(mutex_);
    stream_.Cancel();
  }
  EndUnsaid(std::move(error));
  return false;
}

void StepRun::OnStreamEnd(const grpc::Status& status) {
  if (!status.ok()) return OnBroken(rpc::FromGrpc(status));
  EndUnsaid(Internal("agent " + order_.agent + " ended the step without a result; see the agent's log"));
}

void StepRun::OnBroken(Error error) {
  std::shared_ptr<Replica> replica;
  {
    const std::lock_guard lock(mutex_);
    if (over_) return;
    tried_.insert(site_.replica);
    replica = replica_;
    // One that was refused has cost nothing there.
    if (error.code == Code::kResourceExhausted) sent_ns_ = 0;
  }
  const bool lost = error.code == Code::kUnavailable;
  if (lost && replica) replica->MarkBroken("lost: " + error.message);
  if ((lost || error.code == Code::kResourceExhausted) && Resend()) return;
  if (lost) {
    error.message = "replicas of agent " + order_.agent + " were lost " + std::to_string(resends_ + 1) +
                    " times while at work on this step, last " + site_.replica + ": " + error.message;
  }
  if (error.code == Code::kDeadlineExceeded && order_.timeout_ms > 0) {
    error.message = "the step's time limit of " + std::to_string(order_.timeout_ms) + " ms passed while " +
                    site_.replica + " worked on it";
  }
  EndUnsaid(std::move(error));
}

bool StepRun::Resend() {
  int64_t pause_ms = 0;
  {
    const std::lock_guard lock(mutex_);
    if (over_ || is_second_ || resends_ >= limits_.max_resends) return false;
    pause_ms = limits_.resend_pause_ms << resends_;
    ++resends_;
    lost_us_ += SpentUs();
  }
  GiveBack(std::nullopt);
  timers_.After(pause_ms, [self = shared_from_this()] { self->Place(); });
  return true;
}

std::optional<Code> StepRun::EndAtReplica(Code end) const {
  if (end != Code::kDeadlineExceeded) return end;
  const int64_t there_ms = site_.ended_ms - site_.sent_ms;
  return order_.own_timeout_ms > 0 && there_ms >= order_.own_timeout_ms / 2 ? std::optional(end) : std::nullopt;
}

void StepRun::GiveBack(std::optional<Code> end) {
  std::shared_ptr<Replica> replica;
  {
    const std::lock_guard lock(mutex_);
    replica = std::move(replica_);
    replica_ = nullptr;
  }
  if (!replica) return;
  replica->GiveBack(end);
  pool_->Pump();
}

int64_t StepRun::SpentUs() const {
  if (!replica_ || sent_ns_ == 0) return 0;
  const int64_t spent_us = (clock_.MonotonicNs() - sent_ns_) / 1000;
  // The agent stops at the time limit, however late this is known.
  const int64_t most_us = order_.timeout_ms > 0 ? std::max<int64_t>(0, order_.timeout_ms * 1000 - lost_us_) : spent_us;
  return std::min(spent_us, most_us);
}

void StepRun::End(Result<Value> output, const v1::Usage& usage) { Finish(std::move(output), ToUsage(usage)); }

void StepRun::EndUnsaid(Error error) {
  core::Usage usage;
  {
    const std::lock_guard lock(mutex_);
    usage = {.generated_tokens = said_tokens_, .device_us = SpentUs()};
  }
  Finish(std::move(error), usage);
}

void StepRun::Finish(Result<Value> output, const core::Usage& usage) {
  StepOutcome outcome;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(over_, true)) return;
    StopWatchWaiting();
    site_.ended_ms = clock_.NowMs();
    outcome.site = site_;
    outcome.usage = usage;
    outcome.usage.device_us += lost_us_;
  }
  GiveBack(EndAtReplica(output ? Code::kOk : output.error().code));
  outcome.output = std::move(output);
  listener_->OnStepEnd(order_.path, order_.attempt, std::move(outcome));
}

void StepRun::EndLater(Error error) {
  timers_.After(0,
                [self = shared_from_this(), error = std::move(error)]() mutable { self->EndUnsaid(std::move(error)); });
}

void StepRun::Cancel() {
  bool waited = false;
  std::function<void()> cancel;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(over_, true)) return;
    waited = waiting_;
    StopWatchWaiting();
    stream_.Cancel();
    cancel.swap(cancel_call_);
  }
  if (cancel) cancel();
  if (waited) pool_->Leave(this);
  GiveBack(std::nullopt);
}

}  // namespace troupe::dispatch
