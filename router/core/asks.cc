#include "router/core/asks.h"

#include <charconv>
#include <utility>

#include "router/core/apply.h"
#include "router/core/budget.h"
#include "router/core/decider.h"
#include "router/core/place.h"
#include "runtime/base/check.h"

namespace troupe::core {
namespace {

constexpr std::string_view kAsk = ".ask[";

// The outermost step: "answer" for "answer.ask[1].ask[2]".
std::string_view StepThatAsks(std::string_view path) {
  while (const auto ask = SplitAsk(path)) path = ask->asker;
  return path;
}

// How many questions of that step went to that peer, but for the one of this ordinal.
int CountAsks(const TaskState& state, const StepAsked& asked) {
  int count = 0;
  const std::string prefix = asked.path + std::string(kAsk);
  for (auto it = state.steps.lower_bound(prefix); it != state.steps.end() && it->first.starts_with(prefix); ++it) {
    const auto ask = SplitAsk(it->first);
    const bool counts = ask && ask->asker == asked.path && ask->ordinal != asked.ordinal;
    if (counts && !it->second.attempts.empty() && it->second.attempts.back().agent == asked.peer) ++count;
  }
  return count;
}

// 0 where it may not ask that peer.
int MostAsks(const graph::Agent& asker, const std::string& peer) {
  const auto found = asker.asks.find(peer);
  return found == asker.asks.end() ? 0 : found->second;
}

// A question takes no longer than the attempt that asks it.
Result<Amounts> MostOfAsk(const graph::Graph& graph, const TaskState& state, const std::string& peer,
                          const Attempt& asker) {
  return MostOf(graph, state, peer, asker.timeout_ms, asker.decided_ms);
}

AskRuling Refuse(Error error) { return {.what = AskRuling::What::kAnswered, .answer = std::move(error)}; }

}  // namespace

std::string AskPath(std::string_view step_path, int ordinal) {
  std::string path(step_path);
  path += kAsk;
  path += std::to_string(ordinal);
  path += ']';
  return path;
}

std::optional<AskName> SplitAsk(std::string_view path) {
  if (path.empty() || path.back() != ']') return std::nullopt;
  const size_t open = path.rfind('[');
  if (open == path.npos || !path.substr(0, open + 1).ends_with(kAsk)) return std::nullopt;
  AskName name{.asker = path.substr(0, open + 1 - kAsk.size())};
  const char* end = path.data() + path.size() - 1;
  const auto parsed = std::from_chars(path.data() + open + 1, end, name.ordinal);
  if (parsed.ec != std::errc() || parsed.ptr != end || name.asker.empty()) return std::nullopt;
  // what stands in a round is a step of that name, unless it is a question itself
  if (name.asker.back() == ']' && !IsAsk(name.asker)) return std::nullopt;
  return name;
}

AskRuling RuleOnAsk(const graph::Graph& graph, const TaskState& state, const StepAsked& asked) {
  const auto step = state.steps.find(asked.path);
  const Attempt* attempt = step == state.steps.end() ? nullptr : OpenAttempt(step->second);
  if (attempt == nullptr) return Refuse(Cancelled("the step that asks is over"));
  const std::string& agent = attempt->agent;
  const auto asker = graph.agents.find(agent);
  const auto peer = graph.agents.find(asked.peer);
  const int most = asker == graph.agents.end() ? 0 : MostAsks(asker->second, asked.peer);
  if (most == 0 || peer == graph.agents.end()) {
    return Refuse(FailedPrecondition("agent " + agent + " may not ask '" + asked.peer + "': name it under 'asks' of " +
                                     agent + " in the graph"));
  }
  const auto place = Locate(graph, StepThatAsks(asked.path));
  if (!place || place->step == nullptr || !place->step->agent) {
    return Refuse(FailedPrecondition("step '" + asked.path + "' is no agent's own; only such steps may ask"));
  }
  const auto known = state.steps.find(AskPath(asked.path, asked.ordinal));
  if (known != state.steps.end() && !known->second.attempts.empty()) {
    const Attempt& last = known->second.attempts.back();
    const StepStatus status = known->second.status;
    if (last.agent == asked.peer && last.input == asked.input) {
      if (!last.ended) return {.what = AskRuling::What::kUnderWay};
      if (status == StepStatus::kDone || status == StepStatus::kFailed) {
        return {.what = AskRuling::What::kAnswered, .answer = AnswerOf(known->second)};
      }
    }
  }
  if (CountAsks(state, asked) >= most) {
    return Refuse(Exhausted("agent " + agent + " may ask " + asked.peer + " " + std::to_string(most) +
                            (most == 1 ? " time" : " times") + " in one step; raise its max in 'asks'"));
  }
  const Result<Amounts> wanted = MostOfAsk(graph, state, asked.peer, *attempt);
  if (!wanted) return Refuse({wanted.error().code, "peer " + asked.peer + " " + wanted.error().message});
  const Room room = RoomFor(state, *wanted);
  // it does not wait: the step that asks may hold the very amounts
  if (room.when != Room::When::kNow) return Refuse(Exhausted("peer " + asked.peer + " " + room.why));
  return {};
}

Result<Value> AnswerOf(const StepRecord& ask) {
  if (ask.status == StepStatus::kDone) return ask.output;
  if (ask.status == StepStatus::kFailed) return ask.error;
  return Cancelled("the question was taken back");
}

void Decider::StartAsk(const StepAsked& asked) {
  const std::string path = AskPath(asked.path, asked.ordinal);
  const StepRecord* record = Find(path);
  if (record != nullptr) {
    // another question under the same ordinal takes its place
    StopAsks(path);
    if (const Attempt* open = OpenAttempt(*record)) Emit(StopStep{path, open->attempt});
  }
  const Attempt& asker = *OpenAttempt(*Find(asked.path));
  const Result<Amounts> wanted = MostOfAsk(graph_, state_, asked.peer, asker);
  CHECK(wanted.has_value());  // RuleOnAsk has looked
  Emit(StartStep{.path = path,
                 .attempt = record == nullptr ? 1 : static_cast<int>(record->attempts.size()) + 1,
                 .agent = asked.peer,
                 .input = asked.input,
                 .timeout_ms = asker.timeout_ms,
                 .reserved = *wanted,
                 .price = graph_.agents.at(asked.peer).price});
}

// A peer is not asked again where it failed: that is its answer.
void Decider::EndAsk(const std::string& path) {
  NoteFreed(*Find(path));
  const auto* failed = std::get_if<StepFailed>(&record_.event);
  if (failed == nullptr) return;
  Emit(FailStep{.path = path, .error = {failed->error.code, failed->error.message}, .tolerated = true});
}

// What a step has asked and nobody hears any more.
void Decider::StopAsks(std::string_view path) {
  std::vector<StopStep> stops;
  const std::string prefix = std::string(path) + std::string(kAsk);
  for (auto it = state_.steps.lower_bound(prefix); it != state_.steps.end() && it->first.starts_with(prefix); ++it) {
    if (const Attempt* open = OpenAttempt(it->second)) stops.push_back({it->first, open->attempt});
  }
  for (StopStep& stop : stops) {
    NoteFreed(*Find(stop.path));
    Emit(std::move(stop));
  }
}

}  // namespace troupe::core
