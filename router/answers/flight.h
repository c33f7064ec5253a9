// One real run of a step, and all who ask the same while it is under way. One of them leads: it sees the text as it
// grows, and the run is paid for by its task. The others wait for the answer. Where the leader is cancelled the next
// one leads from there on, having heard all that was said; where its run fails it has failed, and the next one leads a
// run of its own. Nobody's end is another one's. A flight that nobody asked for (a new answer in place of one that is
// no longer fresh, a check) has no leader at first.
//
// Owner: itself while its call is under way, and Flights. Thread-safe: one lock for all flights, in Flights.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "router/answers/job.h"
#include "router/answers/step_key.h"
#include "router/answers/world.h"
#include "router/dispatch/step.h"

namespace troupe::answers {

// Who waits for an answer.
class Rider {
 public:
  virtual ~Rider() = default;
  // As it stands now: less time is left than at first.
  virtual dispatch::StepOrder Order() const = 0;
  virtual const StepJob& job() const = 0;
  // Of the leader only: text as it grows, and how its own run ended.
  virtual void OnText(std::string text, int64_t generated_tokens) = 0;
  virtual void OnOwnEnd(dispatch::StepOutcome outcome) = 0;
  // What another one's run gave; `usage` is what looking for it has cost this one.
  virtual void OnAnswer(const cache::Entry& entry, Hit hit, const core::Usage& usage) = 0;
};
using RiderPtr = std::shared_ptr<Rider>;

class Flight final : public dispatch::StepListener, public std::enable_shared_from_this<Flight> {
 public:
  // Called with the answer once it is kept.
  using OnKept = std::function<void(const cache::Entry&)>;
  Flight(World& world, StepKey key, dispatch::StepOrder order, StepJob job, RiderPtr leader, OnKept on_kept = {})
      : world_(world),
        key_(std::move(key)),
        job_(std::move(job)),
        on_kept_(std::move(on_kept)),
        order_(std::move(order)),
        leader_(std::move(leader)) {}

  // Looks for the answer behind memory, then for a question that means the same, where that is asked for; else runs the
  // step.
  void Begin();
  // Without looking.
  void Run();

  void OnStepText(const std::string& path, int attempt, std::string text, int64_t generated_tokens) override;
  void OnStepEnd(const std::string& path, int attempt, dispatch::StepOutcome outcome) override;

 private:
  friend class Flights;

  void OnFoundBehind(const cache::Entry& entry);
  void LookByMeaning();
  void OnVector(Result<Value> output, const core::Usage& usage);
  void OnMeant(const Result<std::optional<cache::Entry>>& found);
  // Everybody gets a kept answer; the flight is over. False where it was over before.
  bool EndWith(const cache::Entry& entry, Hit hit);
  // One in so many hits by meaning is checked.
  void Check(const cache::Entry& given);
  void Land(dispatch::StepOutcome outcome);
  void Fail(dispatch::StepOutcome outcome);
  cache::Entry EntryOf(const dispatch::StepOutcome& outcome) const;
  // What the run teaches of the threshold, and the question among those that are known.
  void Learn(const cache::Entry& entry);
  // Where that takes a look at both answers.
  void LearnFrom(const cache::Entry& earlier, const cache::Entry& own, double score);
  // Puts the call in place; cancels it where nobody wants it any more.
  void Hold(std::shared_ptr<dispatch::StepCall> call);
  // Less time is left in it when another one leads.
  dispatch::StepOrder CurrentOrder() const;
  Counts::Key counted() const { return {job_.graph->name, job_.step}; }

  World& world_;
  const StepKey key_;
  const StepJob job_;
  const OnKept on_kept_;

  // Under the lock of Flights.
  dispatch::StepOrder order_;
  RiderPtr leader_;
  std::vector<RiderPtr> riders_;
  std::shared_ptr<dispatch::StepCall> call_;
  bool over_ = false;
  // Nobody asked for it, so that nobody's leaving ends it. Never changes once it has begun.
  bool background_ = false;
  // What was said, and how much of it the leader has heard.
  std::string text_;
  size_t heard_ = 0;

  // By one call after the other.
  core::Usage looked_for_;
  std::optional<Meanings::Looked> looked_;
};

}  // namespace troupe::answers
