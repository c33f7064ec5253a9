// Attempts that are tried twice at once, by the real HedgedRun, and replicas that are not trusted, by the real Breaker.
#include <algorithm>
#include <utility>

#include "tests/sim/router.h"

namespace troupe::sim {
namespace {

// Low, so that small worlds see them.
constexpr dispatch::BreakerOptions kBreaker = {.max_failures = 2, .first_pause_ms = 20, .max_pause_ms = 200};
constexpr size_t kLeastSeen = 1;

}  // namespace

// What the two tries make of an attempt, for the task.
class Router::TaskEar final : public dispatch::StepListener {
 public:
  TaskEar(Router& router, std::string name, AttemptPtr attempt)
      : router_(router), name_(std::move(name)), attempt_(std::move(attempt)) {}
  void OnStepText(const std::string&, int, std::string text, int64_t tokens) override {
    router_.OnText(name_, attempt_, text, tokens);
  }
  void OnStepEnd(const std::string&, int, dispatch::StepOutcome outcome) override {
    router_.End(name_, attempt_, std::move(outcome));
  }

 private:
  Router& router_;
  const std::string name_;
  const AttemptPtr attempt_;
};

class Router::Try final : public dispatch::StepTry {
 public:
  Try(Router& router, std::string name, AttemptPtr attempt)
      : router_(router), name_(std::move(name)), attempt_(std::move(attempt)) {}
  void Start() override { router_.Place(name_, attempt_); }
  bool StartElsewhere(const Where& not_there) override {
    attempt_->is_second = true;
    return router_.SendElsewhere(name_, attempt_, static_cast<size_t>(std::stoul(not_there.replica)));
  }
  std::optional<Where> where() override {
    if (attempt_->stream == 0) return std::nullopt;
    return Where{.replica = std::to_string(attempt_->replica)};
  }
  void Cancel() override { router_.Drop(attempt_); }

 private:
  Router& router_;
  const std::string name_;
  const AttemptPtr attempt_;
};

void Router::StartHedged(const std::string& name, const AttemptPtr& attempt, int percent) {
  auto& policy = hedging_[attempt->agent];
  if (!policy) policy = std::make_shared<dispatch::HedgePolicy>(kLeastSeen);
  dispatch::StepOrder order;
  order.path = attempt->path;
  order.attempt = attempt->attempt;
  order.hedge_percent = percent;
  attempt->hedged = std::make_shared<dispatch::HedgedRun>(
      std::move(order), std::make_shared<TaskEar>(*this, name, attempt), policy,
      dispatch::HedgeTools{
          .make = [this, name, attempt](const dispatch::StepOrder&, std::shared_ptr<dispatch::StepListener> ear)
              -> std::shared_ptr<dispatch::StepTry> {
            const auto one = std::make_shared<Attempt>(Attempt{
                .path = attempt->path, .attempt = attempt->attempt, .agent = attempt->agent, .input = attempt->input});
            one->ear = std::move(ear);
            return std::make_shared<Try>(*this, name, one);
          },
          .after = [this](int64_t delay_ms, std::function<void()> work) { Later(delay_ms, std::move(work)); },
          .clock = clock_,
          .census = census_});
  attempt->hedged->Start();
}

bool Router::SendElsewhere(const std::string& name, const AttemptPtr& attempt, size_t not_there) {
  const auto& line = waiting_[attempt->agent];
  if (std::any_of(line.begin(), line.end(), [](const Waiting& other) { return !other.attempt->over; })) return false;
  std::vector<dispatch::Candidate> candidates = Candidates(*attempt);
  candidates[not_there].ready = false;
  const auto choice = dispatch::Choose(candidates, ++turn_);
  if (choice) SendTo(name, attempt, *choice);
  return choice.has_value();
}

dispatch::Breaker& Router::BreakerOf(const std::string& agent, size_t replica) {
  return breakers_.try_emplace({agent, replica}, kBreaker).first->second;
}

std::vector<dispatch::Candidate> Router::Candidates(const Attempt& attempt) {
  std::vector<dispatch::Candidate> candidates = calls_.Candidates(attempt.agent);
  for (const size_t tried : attempt.tried) candidates[tried].tried = true;
  if (world_.options.bug == Bug::kOpenReplicaGetsSteps) return candidates;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (!BreakerOf(attempt.agent, i).Admits(world_.clock.now_ms())) candidates[i].ready = false;
  }
  return candidates;
}

void Router::Leave(const AttemptPtr& attempt, dispatch::Verdict verdict) {
  if (std::exchange(attempt->stream, 0) == 0) return;
  dispatch::Breaker& breaker = BreakerOf(attempt->agent, attempt->replica);
  const int64_t now_ms = world_.clock.now_ms();
  const bool was_closed = breaker.At(now_ms) == dispatch::Circuit::kClosed;
  const bool changed = breaker.OnEnd(verdict, now_ms);
  const bool opened = changed && breaker.At(now_ms) == dispatch::Circuit::kOpen;
  world_.outcome.circuits_opened += opened;
  if (was_closed && !opened) return;
  Later(opened ? breaker.open_until_ms() - now_ms : 0, [this, agent = attempt->agent] { OnRoom(agent); });
}

}  // namespace troupe::sim
