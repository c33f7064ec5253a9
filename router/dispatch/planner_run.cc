#include "router/dispatch/planner_run.h"

#include <utility>

#include "router/decompose/words.h"

namespace troupe::dispatch {
namespace {

std::vector<decompose::PlanSkill> SkillsOf(const graph::DecomposeStep& step) {
  std::vector<decompose::PlanSkill> skills;
  for (const graph::Skill& skill : step.skills) skills.push_back({skill.name, skill.examples});
  return skills;
}

}  // namespace

PlannerRun::PlannerRun(StepOrder order, const DecomposeJob& job, std::shared_ptr<StepListener> listener,
                       Starter starter, Timers& timers)
    : order_(std::move(order)),
      skills_(SkillsOf(*job.step)),
      options_{.max_parts = job.step->max, .default_skill = job.step->default_skill},
      listener_(std::move(listener)),
      starter_(std::move(starter)),
      timers_(timers) {}

void PlannerRun::Start() {
  Result<Value> text = TextOfDecompose(order_);
  if (!text) return EndLater(text.error());
  text_ = text->get<std::string>();
  if (decompose::FindWords(text_).empty()) return EndLater(Value::array());
  StepOrder order = order_;
  order.key += "/plan";
  order.input_json = Dump(Value{{"prompt", decompose::PlanPrompt(text_, skills_)},
                                {"schema", decompose::PlanSchema(skills_, options_)},
                                {"copy", text_}});
  order.committed_text.clear();
  order.quiet = true;
  std::shared_ptr<StepCall> call = starter_(std::move(order), shared_from_this());
  const std::lock_guard lock(mutex_);
  if (over_) {
    call->Cancel();
  } else {
    call_ = std::move(call);
  }
}

void PlannerRun::OnStepEnd(const std::string&, int, StepOutcome outcome) {
  if (outcome.output) outcome.output = ReadAnswer(*outcome.output);
  End(std::move(outcome));
}

// The agent is another process: all is checked.
Result<Value> PlannerRun::ReadAnswer(const Value& answer) const {
  const auto text = answer.is_object() ? answer.find("text") : answer.end();
  if (!answer.is_object() || text == answer.end() || !text->is_string()) {
    return Internal("the answer of planner " + order_.agent + " is wrong: no text");
  }
  Result<Value> plan = ParseValue(text->get_ref<const std::string&>());
  if (!plan && answer.value("finish", "") == "length") {
    return Error{Code::kOutOfRange, "the plan needs more tokens than planner " + order_.agent +
                                        " may write: raise its maxTokens, or lower the step's max"};
  }
  if (!plan) return Internal("the plan of " + order_.agent + " is no JSON: " + plan.error().message);
  if (!plan->is_array()) return Internal("the plan of " + order_.agent + " is no list of {skill, text}");
  Value list = Value::array();
  for (const decompose::Part& part : decompose::ReadPlan(text_, *plan, options_)) {
    list.push_back({{"text", part.text}, {"skill", part.skill}, {"index", list.size()}});
  }
  return list;
}

void PlannerRun::End(StepOutcome outcome) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(over_, true)) return;
    call_ = nullptr;
  }
  listener_->OnStepEnd(order_.path, order_.attempt, std::move(outcome));
}

void PlannerRun::EndLater(Result<Value> output) {
  timers_.After(0, [self = shared_from_this(), output = std::move(output)]() mutable {
    StepOutcome outcome{.output = std::move(output)};
    outcome.site.agent = self->order_.agent;
    self->End(std::move(outcome));
  });
}

void PlannerRun::Cancel() {
  std::shared_ptr<StepCall> call;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(over_, true)) return;
    call = std::move(call_);
    call_ = nullptr;
  }
  if (call) call->Cancel();
}

}  // namespace troupe::dispatch
