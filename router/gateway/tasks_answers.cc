// Whole graphs' answers: given again in place of a task, and kept once a task has ended.
#include <algorithm>
#include <utility>

#include "router/gateway/cache_question.h"
#include "router/gateway/tasks.h"

namespace troupe::gateway {

std::string Tasks::NameOfAnswer(const Checked& checked) const {
  const graph::Graph& graph = *checked.graph;
  if (!graph.cache) return "";
  return world_.answers.NameOf(QuestionOf(graph, checked.accepted.input, checked.accepted.limits));
}

void Tasks::FindAnswer(std::shared_ptr<const Checked> checked, std::function<void(std::optional<Kept>)> done) {
  world_.answers.FindGraph(
      checked->graph, checked->answer_name,
      [this, checked, done = std::move(done)](std::optional<answers::Answers::GraphAnswer> answer) {
        if (!answer) return done(std::nullopt);
        if (answer->is_stale) MakeAnew(*checked);
        done(Kept{.graph = checked->graph, .input_json = Dump(checked->accepted.input), .answer = std::move(*answer)});
      });
}

void Tasks::MakeAnew(const Checked& checked) {
  {
    const std::lock_guard lock(mutex_);
    const auto is_same = [&](const auto& running) { return running.second == checked.answer_name; };
    if (std::any_of(answer_names_.begin(), answer_names_.end(), is_same)) return;
  }
  Checked anew = checked;
  anew.accepted.request_id.clear();
  anew.digest.clear();
  anew.accepted.labels = {{"made-for", "cache"}};
  // when nobody else has work to do
  anew.accepted.priority = 0;
  // where there is no room for it the next one who asks will try again
  (void)Accept(std::move(anew), nullptr);
}

void Tasks::KeepAnswer(const TaskRunner& ended) {
  std::string name;
  {
    const std::lock_guard lock(mutex_);
    const auto found = answer_names_.find(ended.task_id());
    if (found == answer_names_.end()) return;
    name = std::move(found->second);
    answer_names_.erase(found);
  }
  const core::TaskState state = ended.State();
  // an answer that had to do without some step is not what the next one should get
  const bool is_whole = std::none_of(state.steps.begin(), state.steps.end(),
                                     [](const auto& step) { return step.second.status == core::StepStatus::kFailed; });
  if (state.status != core::TaskStatus::kDone || !is_whole) return;
  world_.answers.KeepGraph(ended.graph(), name,
                           {.task_id = ended.task_id(),
                            .output_json = Dump(state.output),
                            .made_at_ms = state.ended_ms,
                            .tokens = state.usage.generated_tokens,
                            .device_ms = state.usage.device_us / 1000,
                            .money_micros = state.money});
}

}  // namespace troupe::gateway
