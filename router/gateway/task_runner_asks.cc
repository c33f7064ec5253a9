// What agents ask of their peers while they work on a running task's steps, and the answers that go back to them.
#include <utility>

#include "router/core/asks.h"
#include "router/gateway/task_runner.h"

namespace troupe::gateway {

void TaskRunner::OnStepAsk(const std::string& path, int attempt, dispatch::StepQuestion question) {
  Post(
      {.event = core::StepAsked{path, attempt, question.ordinal, std::move(question.peer), std::move(question.input)}});
}

void TaskRunner::AnswerNow(const core::StepAsked& asked) {
  core::AskRuling ruling;
  {
    const std::lock_guard lock(state_mutex_);
    ruling = core::RuleOnAsk(*graph_, state_, asked);
  }
  if (ruling.what != core::AskRuling::What::kAnswered) return;
  Answer(asked.path, {.ordinal = asked.ordinal, .peer = asked.peer, .input = asked.input}, ruling.answer);
}

// Before the record is on disk: what the agent makes of it is recorded later than that.
void TaskRunner::AnswerAfter(const std::string& ask_path) {
  dispatch::StepQuestion question;
  Result<Value> answer = Value();
  const auto ask = core::SplitAsk(ask_path);
  {
    const std::lock_guard lock(state_mutex_);
    const core::StepRecord& record = state_.steps.find(ask_path)->second;
    question = {.ordinal = ask->ordinal, .peer = record.attempts.back().agent, .input = record.attempts.back().input};
    answer = core::AnswerOf(record);
  }
  Answer(ask->asker, question, answer);
}

void TaskRunner::Answer(std::string_view asker, const dispatch::StepQuestion& question, const Result<Value>& answer) {
  const auto call = calls_.find(std::string(asker));
  if (call != calls_.end() && call->second.call) call->second.call->Answer(question, answer);
}

}  // namespace troupe::gateway
