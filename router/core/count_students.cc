#include "router/core/count_students.h"

#include <algorithm>

#include "router/core/core.h"

namespace troupe::core {
namespace {

bool HasTeachers(const graph::Scope& scope) {
  return std::any_of(scope.steps.begin(), scope.steps.end(), [](const graph::Step& step) {
    return (step.agent && step.agent->teach) || (step.each && HasTeachers(*step.each->body)) ||
           (step.repeat && HasTeachers(*step.repeat->body)) || (step.graph && HasTeachers(*step.graph->body));
  });
}

bool HasAnswered(const StepRecord& record, const std::string& agent) {
  return std::any_of(record.attempts.begin(), record.attempts.end(), [&](const Attempt& attempt) {
    return attempt.agent == agent && attempt.ended && attempt.error.code == Code::kOk;
  });
}

void Add(const graph::AgentStep& step, const StepRecord& record, StudentTally& tally) {
  if (!HasAnswered(record, step.agent)) return;
  ++tally.answers;
  if (!record.doubt) return;
  if (!record.doubt->spot_check) {
    ++tally.unsure;
  } else if (HasAnswered(record, record.doubt->teacher)) {
    ++tally.checked;
    tally.differing += !AnswersAlike(*step.teach, record.doubt->output, record.output);
  }
}

}  // namespace

StudentTally CountStudents(const graph::Graph& graph, const TaskState& state) {
  StudentTally tally;
  if (!HasTeachers(graph.root)) return tally;
  for (const auto& [path, record] : state.steps) {
    if (record.attempts.empty()) continue;
    const graph::Step* step = FindStep(graph, path);
    if (step != nullptr && step->agent && step->agent->teach) Add(*step->agent, record, tally);
  }
  return tally;
}

bool AnswersAlike(const graph::TeachRule& rule, const Value& student, const Value& teacher) {
  const auto answer = [&rule](const Value& output) {
    if (!output.is_object()) return output;
    if (!rule.answer.empty()) return output.value(rule.answer, Value());
    Value rest = output;
    rest.erase(rule.confidence);
    return rest;
  };
  return answer(student) == answer(teacher);
}

}  // namespace troupe::core
