#include "router/answers/flight.h"

#include <utility>

#include "router/answers/embedding.h"
#include "router/answers/flights.h"
#include "router/cache/coded_vector.h"
#include "router/cache/freshness.h"
#include "runtime/base/digest.h"

namespace troupe::answers {

void Flight::Begin() {
  world_.tiers.FindBehind(key_.key, [self = shared_from_this()](const Result<std::optional<cache::Entry>>& found) {
    found && *found ? self->OnFoundBehind(**found) : self->LookByMeaning();
  });
}

void Flight::OnFoundBehind(const cache::Entry& entry) {
  // another router's question is one to know
  if (!key_.meaning.empty() && entry.partition == key_.meaning) world_.meanings.Restore(key_.key, entry);
  const bool is_stale = cache::FreshnessOf(entry, world_.clock.NowMs()) == cache::Freshness::kStale;
  dispatch::StepOrder order = CurrentOrder();
  if (!EndWith(entry, is_stale ? Hit::kStale : Hit::kExact)) return;
  if (is_stale) world_.flights.InBackground(world_, key_, std::move(order), job_);
}

void Flight::LookByMeaning() {
  if (key_.meaning.empty() || !IsReadable(job_.text)) return Run();
  dispatch::StepOrder order;
  {
    const std::lock_guard lock(world_.flights.mutex_);
    if (over_) return;
    order = order_;
  }
  Hold(Embed(world_.start, std::move(order), job_, "/meaning", {job_.text},
             [self = shared_from_this()](Result<Value> output, const core::Usage& usage) {
               self->OnVector(std::move(output), usage);
             }));
}

dispatch::StepOrder Flight::CurrentOrder() const {
  const std::lock_guard lock(world_.flights.mutex_);
  return order_;
}

void Flight::Hold(std::shared_ptr<dispatch::StepCall> call) {
  {
    const std::lock_guard lock(world_.flights.mutex_);
    if (!over_) {
      // it may have ended already: to cancel it then does nothing
      call_ = std::move(call);
      return;
    }
  }
  call->Cancel();
}

void Flight::OnVector(Result<Value> output, const core::Usage& usage) {
  looked_for_ = usage;
  // without a vector it is asked as if nothing were known
  if (output) looked_ = world_.meanings.Look(job_, key_, *output);
  if (!looked_ || !looked_->match.hit()) return Run();
  world_.tiers.Find(
      looked_->AnswerKey(),
      [self = shared_from_this()](const Result<std::optional<cache::Entry>>& found) { self->OnMeant(found); });
}

void Flight::OnMeant(const Result<std::optional<cache::Entry>>& found) {
  if (found && *found) {
    if (EndWith(**found, Hit::kMeaning)) Check(**found);
    return;
  }
  // where nobody knows it may be there the next time
  if (found) world_.meanings.Forget(looked_->AnswerKey());
  looked_->match = {};
  Run();
}

bool Flight::EndWith(const cache::Entry& entry, Hit hit) {
  std::vector<RiderPtr> all;
  {
    const std::lock_guard lock(world_.flights.mutex_);
    if (std::exchange(over_, true)) return false;
    world_.flights.Forget(*this);
    if (leader_) all.push_back(std::move(leader_));
    for (RiderPtr& rider : riders_) all.push_back(std::move(rider));
    riders_.clear();
    call_ = nullptr;
  }
  for (size_t i = 0; i < all.size(); ++i) {
    if (hit == Hit::kMeaning) {
      world_.given.Remember(all[i]->Order().task, {.step = counted(),
                                                   .question = job_.text,
                                                   .answer_key = looked_->AnswerKey(),
                                                   .score = looked_->match.score()});
    }
    // the first one's task has paid for the vector
    world_.post([rider = std::move(all[i]), entry, hit, usage = i == 0 ? looked_for_ : core::Usage()] {
      rider->OnAnswer(entry, hit, usage);
    });
  }
  return true;
}

void Flight::Run() {
  dispatch::StepOrder order;
  {
    const std::lock_guard lock(world_.flights.mutex_);
    if (over_) return;
    order = order_;
  }
  if (!background_) world_.counts.Miss(counted());
  Hold(world_.start(std::move(order), shared_from_this()));
}

void Flight::OnStepText(const std::string&, int, std::string text, int64_t generated_tokens) {
  RiderPtr leader;
  std::string news;
  {
    const std::lock_guard lock(world_.flights.mutex_);
    if (over_) return;
    text_ += text;
    leader = leader_;
    // one that leads since a moment ago has not heard what was said before
    if (leader) news = text_.substr(std::exchange(heard_, text_.size()));
  }
  if (leader) leader->OnText(std::move(news), generated_tokens);
}

void Flight::OnStepEnd(const std::string&, int, dispatch::StepOutcome outcome) {
  outcome.usage += std::exchange(looked_for_, {});
  outcome.output ? Land(std::move(outcome)) : Fail(std::move(outcome));
}

void Flight::Fail(dispatch::StepOutcome outcome) {
  RiderPtr failed;
  bool goes_on = false;
  {
    const std::lock_guard lock(world_.flights.mutex_);
    if (over_) return;
    failed = std::move(leader_);
    leader_ = nullptr;
    call_ = nullptr;
    text_.clear();
    heard_ = 0;
    goes_on = !riders_.empty();
    if (goes_on) {
      leader_ = std::move(riders_.front());
      riders_.erase(riders_.begin());
      order_ = leader_->Order();
    } else {
      over_ = true;
      world_.flights.Forget(*this);
    }
  }
  if (failed) failed->OnOwnEnd(std::move(outcome));
  if (goes_on) Run();
}

cache::Entry Flight::EntryOf(const dispatch::StepOutcome& outcome) const {
  cache::Entry entry{.answer = Dump(*outcome.output),
                     .made_at_ms = world_.clock.NowMs(),
                     .ttl_ms = job_.rule->ttl_ms,
                     .stale_ms = job_.rule->stale_ms,
                     .device_ms = outcome.usage.device_us / 1000,
                     .tokens = outcome.usage.generated_tokens};
  entry.answer_digest = Sha256Hex(entry.answer);
  if (looked_) {
    const std::vector<char> coded = cache::Coded(looked_->vector);
    entry.question = job_.text;
    entry.partition = key_.meaning;
    entry.vector.assign(coded.begin(), coded.end());
  }
  const auto agent = job_.graph->agents.find(outcome.site.agent);
  if (agent != job_.graph->agents.end()) {
    entry.money_micros = graph::CostOf(agent->second.price, outcome.usage.generated_tokens, outcome.usage.device_us);
  }
  return entry;
}

void Flight::Land(dispatch::StepOutcome outcome) {
  cache::Entry entry = EntryOf(outcome);
  RiderPtr leader;
  std::vector<RiderPtr> riders;
  std::string rest;
  // one that was made anew is to a question that is known
  if (!key_.meaning.empty() && !looked_) world_.meanings.Renew(key_.key, entry);
  // kept before anybody hears of it, so that who asks next finds it
  world_.tiers.Set(key_.key, entry);
  Learn(entry);
  {
    const std::lock_guard lock(world_.flights.mutex_);
    if (std::exchange(over_, true)) return;
    world_.flights.Forget(*this);
    leader = std::move(leader_);
    riders.swap(riders_);
    rest = text_.substr(heard_);
    call_ = nullptr;
  }
  if (on_kept_) on_kept_(entry);
  for (RiderPtr& rider : riders) {
    world_.post([rider = std::move(rider), entry] { rider->OnAnswer(entry, Hit::kWaited, {}); });
  }
  if (!leader) return;
  if (!rest.empty()) leader->OnText(std::move(rest), outcome.usage.generated_tokens);
  leader->OnOwnEnd(std::move(outcome));
}

}  // namespace troupe::answers
