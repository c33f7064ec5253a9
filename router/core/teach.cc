#include "router/core/teach.h"

#include <algorithm>
#include <utility>

#include "router/core/budget.h"
#include "router/core/decider.h"
#include "runtime/base/digest.h"

namespace troupe::core {

double ConfidenceOf(const Value& output, const std::string& field) {
  if (!output.is_object()) return 0.0;
  const auto found = output.find(field);
  // a cosine may be below 0
  return found == output.end() || !found->is_number() ? 0.0 : std::clamp(found->get<double>(), 0.0, 1.0);
}

bool IsUnsure(const graph::AgentStep& step, const std::string& agent, const Value& output) {
  return step.teach && agent == step.agent && ConfidenceOf(output, step.teach->confidence) < step.teach->below;
}

bool IsDrawn(const TaskState& state, const std::string& path, const Value& input, double share) {
  if (share <= 0.0) return false;
  const std::string digest = Sha256Hex("spot check/" + std::to_string(state.accepted_ms) + "/" + state.request_id +
                                       "/" + path + "/" + Dump(input));
  constexpr int kHex = 16;
  constexpr double kDraws = 4294967296.0;
  return static_cast<double>(std::stoul(digest.substr(0, 8), nullptr, kHex)) < share * kDraws;
}

bool Decider::TurnToTeacher(const Place& place) {
  if (!place.step->agent || !place.step->agent->teach) return false;
  const graph::TeachRule& rule = *place.step->agent->teach;
  const StepRecord& record = *Find(place.path);
  const Attempt& student = record.attempts.back();
  if (student.agent != place.step->agent->agent) return false;
  const bool is_unsure = IsUnsure(*place.step->agent, student.agent, record.output);
  if (!is_unsure && !IsDrawn(state_, place.path, student.input, rule.check)) return false;
  AskTeacher ask{.path = place.path,
                 .attempt = student.attempt,
                 .teacher = rule.agent,
                 .confidence = ConfidenceOf(record.output, rule.confidence),
                 .below = rule.below,
                 .spot_check = !is_unsure};
  // There is an answer already, so nothing waits for room and nothing fails for want of it.
  const Result<Amounts> wanted = MostOf(graph_, state_, rule.agent, rule.timeout_ms, now_ms_);
  if (!wanted) {
    ask.refused = "teacher " + rule.agent + " " + wanted.error().message;
  } else if (const Room room = RoomFor(state_, *wanted); room.when != Room::When::kNow) {
    ask.refused = "teacher " + rule.agent + " " + room.why;
  }
  const bool is_asked = ask.refused.empty();
  // a check that there is no room for is none
  if (!is_asked && !is_unsure) return false;
  StartStep start{.path = place.path, .agent = rule.agent, .input = student.input, .timeout_ms = rule.timeout_ms};
  Emit(std::move(ask));
  if (!is_asked) return false;
  start.reserved = *wanted;
  EmitStart(std::move(start));
  return true;
}

bool Decider::FallBackOnStudent(const Place& place) {
  const StepRecord& record = *Find(place.path);
  if (!record.doubt) return false;
  Emit(CompleteStep{place.path, record.doubt->output});
  work_.push_back({What::kEnded, place});
  return true;
}

}  // namespace troupe::core
