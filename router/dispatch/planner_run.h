// A decompose step by planner on its way: the agent that writes is asked for a plan in JSON that its grammar holds to
// the graph's skills and to the message's own words, and the plan is read into parts.
//
// Owner and threads: see TextRun.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "router/decompose/plan.h"
#include "router/dispatch/decompose_run.h"

namespace troupe::dispatch {

class PlannerRun final : public TextRun {
 public:
  PlannerRun(StepOrder order, const DecomposeJob& job, std::shared_ptr<StepListener> listener, Starter starter,
             Timers& timers);

  void Start();
  void OnStepEnd(const std::string& path, int attempt, StepOutcome outcome) override;

 private:
  void End(StepOutcome outcome);
  void EndLater(Result<Value> output);
  Result<Value> ReadAnswer(const Value& answer) const;

  const std::vector<decompose::PlanSkill> skills_;
  const decompose::PlanOptions options_;
  std::string text_;
};

}  // namespace troupe::dispatch
