#include "router/answers/cached_run.h"

#include <algorithm>
#include <utility>

#include "router/answers/flights.h"
#include "router/answers/words.h"
#include "router/cache/freshness.h"

namespace troupe::answers {
namespace {

// For as long as that a step waits until its agent is heard of; a router that has just started hears of it in less.
constexpr int64_t kPauseMs = 20;
constexpr int kMaxPauses = 100;

}  // namespace

CachedRun::CachedRun(World& world, dispatch::StepOrder order, StepJob job, std::string purged,
                     std::shared_ptr<dispatch::StepListener> listener)
    : world_(world),
      order_(std::move(order)),
      job_(std::move(job)),
      purged_(std::move(purged)),
      listener_(std::move(listener)),
      started_ns_(world.clock.MonotonicNs()) {}

void CachedRun::Start() {
  world_.post([self = shared_from_this()] { self->LookUp(); });
}

void CachedRun::LookUp() {
  if (over()) return;
  const Result<std::string> model = world_.model_of(order_.graph, order_.agent);
  if (model) return LookUpIn(*model);
  model.error().code == Code::kUnavailable ? LookUpLater() : RunUnkept();
}

void CachedRun::LookUpLater() {
  if (times_looked_++ == kMaxPauses) return RunUnkept();
  world_.timers.After(kPauseMs, [self = shared_from_this()] { self->world_.post([self] { self->LookUp(); }); });
}

void CachedRun::RunUnkept() {
  std::shared_ptr<dispatch::StepCall> call = world_.start(Order(), listener_);
  {
    const std::lock_guard lock(mutex_);
    if (!over_) {
      unkept_ = std::move(call);
      return;
    }
  }
  call->Cancel();
}

void CachedRun::LookUpIn(const std::string& model_digest) {
  model_digest_ = model_digest;
  const StepKey key = KeyOf(order_, job_, model_digest, purged_);
  if (const std::optional<cache::Entry> entry = world_.tiers.AtHand(key.key)) {
    if (cache::FreshnessOf(*entry, world_.clock.NowMs()) == cache::Freshness::kFresh) {
      return OnAnswer(*entry, Hit::kExact, {});
    }
    world_.flights.InBackground(world_, key, order_, job_);
    return OnAnswer(*entry, Hit::kStale, {});
  }
  dispatch::Timers::Handle timer;
  if (order_.timeout_ms > 0) {
    timer = world_.timers.After(Order().timeout_ms, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->OnTimeout();
    });
  }
  {
    const std::lock_guard lock(mutex_);
    timer_ = timer;
    key_ = key.key;
  }
  // it may have been answered since it was looked up
  if (const auto entry = world_.flights.Join(world_, key, shared_from_this())) OnAnswer(*entry, Hit::kWaited, {});
  // cancelled in between, when it was in no flight yet
  if (over()) world_.flights.Leave(key.key, this);
}

dispatch::StepOrder CachedRun::Order() const {
  dispatch::StepOrder order = order_;
  const int64_t gone_ms = (world_.clock.MonotonicNs() - started_ns_) / 1'000'000;
  if (order.timeout_ms > 0) order.timeout_ms = std::max<int64_t>(1, order.timeout_ms - gone_ms);
  return order;
}

bool CachedRun::over() const {
  const std::lock_guard lock(mutex_);
  return over_;
}

bool CachedRun::Claim() {
  dispatch::Timers::Handle timer;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(over_, true)) return false;
    timer = std::exchange(timer_, {});
  }
  if (timer.number != 0) world_.timers.Cancel(timer);
  return true;
}

void CachedRun::OnText(std::string text, int64_t generated_tokens) {
  if (!over() && !text.empty()) listener_->OnStepText(order_.path, order_.attempt, std::move(text), generated_tokens);
}

void CachedRun::OnOwnEnd(dispatch::StepOutcome outcome) {
  if (Claim()) listener_->OnStepEnd(order_.path, order_.attempt, std::move(outcome));
}

void CachedRun::OnAnswer(const cache::Entry& entry, Hit hit, const core::Usage& usage) {
  if (!Claim()) return;
  dispatch::StepOutcome outcome = OutcomeOf(hit, entry, order_.agent, model_digest_, world_.clock.NowMs());
  outcome.usage = usage;
  outcome.site.queued_us = (world_.clock.MonotonicNs() - started_ns_) / 1000;
  world_.counts.Hit({job_.graph->name, job_.step}, hit, entry);
  if (std::string text = order_.quiet || !outcome.output ? "" : StreamedText(*outcome.output); !text.empty()) {
    listener_->OnStepText(order_.path, order_.attempt, std::move(text), 0);
  }
  listener_->OnStepEnd(order_.path, order_.attempt, std::move(outcome));
}

void CachedRun::OnTimeout() {
  // one that leads has a call with that limit, which also says what it has cost
  if (world_.flights.Leads(key(), this) || !Claim()) return;
  Leave();
  dispatch::StepOutcome outcome{
      .output = Error{Code::kDeadlineExceeded, "an equal step, which was under way already, took longer than the " +
                                                   std::to_string(order_.timeout_ms) + " ms of this one"}};
  outcome.site.agent = order_.agent;
  listener_->OnStepEnd(order_.path, order_.attempt, std::move(outcome));
}

std::string CachedRun::key() const {
  const std::lock_guard lock(mutex_);
  return key_;
}

void CachedRun::Leave() {
  std::shared_ptr<dispatch::StepCall> unkept;
  {
    const std::lock_guard lock(mutex_);
    unkept = std::move(unkept_);
  }
  if (const std::string left = key(); !left.empty()) world_.flights.Leave(left, this);
  if (unkept) unkept->Cancel();
}

void CachedRun::Cancel() {
  if (Claim()) Leave();
}

}  // namespace troupe::answers
