// One attempt at a step whose answers are kept: a kept answer ends it at once, at no cost; an equal one under way is
// waited for; else the step is really done. To the task it looks like any other attempt; the record says which it was.
//
// Owner: whoever gave the order, and the flight that it waits for. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "router/answers/flight.h"
#include "router/answers/step_key.h"
#include "router/answers/world.h"
#include "router/dispatch/step.h"

namespace troupe::answers {

class CachedRun final : public dispatch::StepCall, public Rider, public std::enable_shared_from_this<CachedRun> {
 public:
  // `purged`: how often answers of the step were thrown away before (Purges).
  CachedRun(World& world, dispatch::StepOrder order, StepJob job, std::string purged,
            std::shared_ptr<dispatch::StepListener> listener);

  void Start();
  void Cancel() override;

  dispatch::StepOrder Order() const override;
  const StepJob& job() const override { return job_; }
  void OnText(std::string text, int64_t generated_tokens) override;
  void OnOwnEnd(dispatch::StepOutcome outcome) override;
  void OnAnswer(const cache::Entry& entry, Hit hit, const core::Usage& usage) override;

 private:
  void LookUp();
  // Nobody has said yet which model the agent has: nobody could do the step either, so it looks again in a moment.
  void LookUpLater();
  void LookUpIn(const std::string& model_digest);
  // As if the graph said nothing of a cache.
  void RunUnkept();
  // Whoever waits for another one's answer has no more time than for one of its own.
  void OnTimeout();
  bool over() const;
  std::string key() const;
  // It is over: nobody is to bring it an answer any more.
  void Leave();
  // True for the first: that one must tell the end.
  bool Claim();

  World& world_;
  const dispatch::StepOrder order_;
  const StepJob job_;
  const std::string purged_;
  const std::shared_ptr<dispatch::StepListener> listener_;
  const int64_t started_ns_;

  // By one call after the other.
  int times_looked_ = 0;
  std::string model_digest_;

  mutable std::mutex mutex_;
  bool over_ = false;
  // Empty before it is known.
  std::string key_;
  dispatch::Timers::Handle timer_;
  // Of a step whose answer is not kept.
  std::shared_ptr<dispatch::StepCall> unkept_;
};

}  // namespace troupe::answers
