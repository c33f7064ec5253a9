#include "router/dispatch/hedged_run.h"

#include <algorithm>
#include <utility>

namespace troupe::dispatch {

// Listens to one of the two.
class HedgedRun::Ear final : public StepListener {
 public:
  Ear(std::shared_ptr<HedgedRun> run, Which which) : run_(std::move(run)), which_(which) {}
  void OnStepText(const std::string& path, int attempt, std::string text, int64_t generated_tokens) override {
    run_->OnText(which_, path, attempt, std::move(text), generated_tokens);
  }
  void OnStepEnd(const std::string& path, int attempt, StepOutcome outcome) override {
    run_->OnEnd(which_, path, attempt, std::move(outcome));
  }

 private:
  const std::shared_ptr<HedgedRun> run_;
  const Which which_;
};

HedgedRun::HedgedRun(StepOrder order, std::shared_ptr<StepListener> listener, std::shared_ptr<HedgePolicy> policy,
                     HedgeTools tools)
    : member_(tools.census),
      order_(std::move(order)),
      listener_(std::move(listener)),
      policy_(std::move(policy)),
      tools_(std::move(tools)) {}

void HedgedRun::Start() {
  const std::optional<int64_t> silence_ms = policy_->OnStart(order_.hedge_percent);
  silence_ms_ = silence_ms.value_or(0);
  std::shared_ptr<StepTry> first = tools_.make(order_, std::make_shared<Ear>(shared_from_this(), kFirst));
  {
    const std::lock_guard lock(mutex_);
    tries_[kFirst] = {.run = first, .began = true, .began_ns = tools_.clock.MonotonicNs()};
  }
  first->Start();
  if (!silence_ms) return;
  tools_.after(*silence_ms, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->OnSlow();
  });
}

void HedgedRun::OnSlow() {
  std::shared_ptr<StepTry> first;
  StepOrder order = order_;
  const int64_t now_ns = tools_.clock.MonotonicNs();
  {
    const std::lock_guard lock(mutex_);
    first = tries_[kFirst].run;
    if (over_ || winner_ || !first) return;
    const int64_t gone_ms = (now_ns - tries_[kFirst].began_ns) / 1'000'000;
    if (order.timeout_ms > 0) order.timeout_ms = std::max<int64_t>(1, order.timeout_ms - gone_ms);
  }
  // One that waits for a replica would not be served sooner by asking twice.
  const std::optional<StepTry::Where> where = first->where();
  if (!where || !policy_->Take()) return;
  order.key += "/hedge";
  std::shared_ptr<StepTry> second = tools_.make(std::move(order), std::make_shared<Ear>(shared_from_this(), kSecond));
  bool is_late = false;
  {
    const std::lock_guard lock(mutex_);
    is_late = over_ || winner_;
    first_replica_ = where->replica;
    if (!is_late) tries_[kSecond] = {.run = second, .began = true, .began_ns = now_ns};
  }
  if (is_late) return policy_->GiveBack();
  if (!second->StartElsewhere(*where)) OnNoSecond();
}

void HedgedRun::OnNoSecond() {
  policy_->GiveBack();
  std::optional<StepOutcome> failed;
  {
    const std::lock_guard lock(mutex_);
    tries_[kSecond] = {};
    failed.swap(tries_[kFirst].failed);
    if (over_ || !failed) return;
    over_ = true;
  }
  listener_->OnStepEnd(order_.path, order_.attempt, std::move(*failed));
}

std::shared_ptr<StepTry> HedgedRun::Win(Which which, int64_t generated_tokens) {
  winner_ = which;
  Try& other = Other(which);
  if (!other.run) return nullptr;
  lost_ = {.generated_tokens = generated_tokens, .device_us = (tools_.clock.MonotonicNs() - other.began_ns) / 1000};
  return std::exchange(other.run, nullptr);
}

void HedgedRun::OnText(Which which, const std::string& path, int attempt, std::string text, int64_t generated_tokens) {
  std::shared_ptr<StepTry> loser;
  {
    const std::lock_guard lock(mutex_);
    if (over_) return;
    if (!winner_) {
      policy_->OnHeard((tools_.clock.MonotonicNs() - tries_[kFirst].began_ns) / 1000);
      loser = Win(which, generated_tokens);
    }
    if (*winner_ != which) return;
  }
  if (loser) loser->Cancel();
  listener_->OnStepText(path, attempt, std::move(text), generated_tokens);
}

void HedgedRun::OnEnd(Which which, const std::string& path, int attempt, StepOutcome outcome) {
  std::shared_ptr<StepTry> loser;
  {
    const std::lock_guard lock(mutex_);
    if (over_ || (winner_ && *winner_ != which)) return;
    const std::shared_ptr<StepTry> ended = std::exchange(tries_[which].run, nullptr);
    if (!outcome.output && !winner_ && Other(which).run) {
      tries_[which].failed = std::move(outcome);
      return;
    }
    over_ = true;
    if (!winner_) {
      if (outcome.output) policy_->OnHeard((tools_.clock.MonotonicNs() - tries_[kFirst].began_ns) / 1000);
      loser = Win(which, outcome.usage.generated_tokens);
    }
    Account(which, outcome);
  }
  if (loser) loser->Cancel();
  listener_->OnStepEnd(path, attempt, std::move(outcome));
}

void HedgedRun::Account(Which which, StepOutcome& outcome) {
  if (!tries_[kSecond].began) return;
  const Try& other = Other(which);
  outcome.usage += other.failed ? other.failed->usage : lost_;
  const std::string silence = " was silent for " + std::to_string(silence_ms_) + " ms";
  outcome.site.reason += which == kFirst ? "; hedged: it" + silence + ", a second try was no faster"
                                         : "; hedged: " + first_replica_ + silence + ", this one was faster";
}

void HedgedRun::Cancel() {
  std::shared_ptr<StepTry> runs[2];
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(over_, true)) return;
    runs[kFirst].swap(tries_[kFirst].run);
    runs[kSecond].swap(tries_[kSecond].run);
  }
  for (const auto& run : runs) {
    if (run) run->Cancel();
  }
}

}  // namespace troupe::dispatch
