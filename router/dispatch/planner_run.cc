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
    : TextRun(std::move(order), std::move(listener), std::move(starter), timers),
      skills_(SkillsOf(*job.step)),
      options_{.max_parts = job.step->max, .default_skill = job.step->default_skill} {}

void PlannerRun::Start() {
  Result<std::string> text = Text();
  if (!text) return EndLater(text.error());
  text_ = std::move(*text);
  if (decompose::FindWords(text_).empty()) return EndLater(Value::array());
  Ask(Value{{"prompt", decompose::PlanPrompt(text_, skills_)},
            {"schema", decompose::PlanSchema(skills_, options_)},
            {"copy", text_}},
      "/plan");
}

void PlannerRun::OnStepEnd(const std::string&, int, StepOutcome outcome) {
  if (outcome.output) outcome.output = ReadAnswer(*outcome.output);
  End(std::move(outcome));
}

// The agent is another process: all is checked.
Result<Value> PlannerRun::ReadAnswer(const Value& answer) const {
  const auto text = answer.is_object() ? answer.find("text") : answer.end();
  if (!answer.is_object() || text == answer.end() || !text->is_string()) {
    return Internal("the answer of planner " + order().agent + " is wrong: no text");
  }
  Result<Value> plan = ParseValue(text->get_ref<const std::string&>());
  if (!plan && answer.value("finish", "") == "length") {
    return Error{Code::kOutOfRange, "the plan needs more tokens than planner " + order().agent +
                                        " may write: raise its maxTokens, or lower the step's max"};
  }
  if (!plan) return Internal("the plan of " + order().agent + " is no JSON: " + plan.error().message);
  if (!plan->is_array()) return Internal("the plan of " + order().agent + " is no list of {skill, text}");
  Value list = Value::array();
  for (const decompose::Part& part : decompose::ReadPlan(text_, *plan, options_)) {
    list.push_back({{"text", part.text}, {"skill", part.skill}, {"index", list.size()}});
  }
  return list;
}

void PlannerRun::End(StepOutcome outcome) {
  if (Claim()) Tell(std::move(outcome));
}

void PlannerRun::EndLater(Result<Value> output) {
  StepOutcome outcome{.output = std::move(output)};
  outcome.site.agent = order().agent;
  Later([self = std::static_pointer_cast<PlannerRun>(shared_from_this()), outcome = std::move(outcome)]() mutable {
    self->End(std::move(outcome));
  });
}

}  // namespace troupe::dispatch
