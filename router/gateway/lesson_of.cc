#include "router/gateway/lesson_of.h"

#include "router/answers/words.h"
#include "router/gateway/cache_question.h"
#include "router/graph/teach.h"

namespace troupe::gateway {

std::optional<lessons::Lesson> LessonOf(const graph::Graph& graph, const core::TaskState& state,
                                        const core::Record& record) {
  const auto* done = std::get_if<core::StepDone>(&record.event);
  if (done == nullptr) return std::nullopt;
  const auto found = state.steps.find(done->path);
  if (found == state.steps.end() || !found->second.doubt) return std::nullopt;
  const core::StepRecord& step = found->second;
  const core::Doubt& doubt = *step.doubt;
  if (!doubt.refused.empty() || done->attempt == doubt.attempt) return std::nullopt;
  // one that was kept is a lesson already, or the answer to another question
  if (done->site.replica == answers::kCacheReplica) return std::nullopt;
  const std::string name = WithoutRounds(done->path);
  // looked for each time: a teacher's work takes far longer
  const auto taught_steps = graph::TaughtSteps(graph);
  const auto taught = taught_steps.find(name);
  if (taught == taught_steps.end() || !graph::KeepsLessons(graph, taught->second)) return std::nullopt;
  const core::Attempt& teacher = step.attempts.back();
  return lessons::Lesson{.path = done->path,
                         .time_ms = record.time_ms,
                         .graph = state.graph,
                         .version = state.version.value,
                         .step = name,
                         .input = teacher.input,
                         .student = taught->second.step->agent,
                         .student_output = doubt.output,
                         .confidence = doubt.confidence,
                         .teacher = teacher.agent,
                         .teacher_output = done->output};
}

}  // namespace troupe::gateway
