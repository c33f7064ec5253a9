// A decompose step by planner on its way: the agent that writes is asked for a plan in JSON that its grammar holds to
// the graph's skills and to the message's own words, and the plan is read into parts. To the task it looks like one
// attempt of that agent.
//
// Owner: itself while the call is under way. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "router/decompose/plan.h"
#include "router/dispatch/decompose_run.h"

namespace troupe::dispatch {

class PlannerRun final : public StepCall, public StepListener, public std::enable_shared_from_this<PlannerRun> {
 public:
  PlannerRun(StepOrder order, const DecomposeJob& job, std::shared_ptr<StepListener> listener, Starter starter,
             Timers& timers);

  void Start();
  void Cancel() override;

  void OnStepText(const std::string&, int, std::string, int64_t) override {}
  void OnStepEnd(const std::string& path, int attempt, StepOutcome outcome) override;

 private:
  void End(StepOutcome outcome);
  void EndLater(Result<Value> output);
  Result<Value> ReadAnswer(const Value& answer) const;

  const StepOrder order_;
  const std::vector<decompose::PlanSkill> skills_;
  const decompose::PlanOptions options_;
  const std::shared_ptr<StepListener> listener_;
  const Starter starter_;
  Timers& timers_;
  std::string text_;

  std::mutex mutex_;
  bool over_ = false;
  std::shared_ptr<StepCall> call_;
};

}  // namespace troupe::dispatch
