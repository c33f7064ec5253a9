// Questions that an agent puts to a peer while it works on a step. Each is a step of its own, below the one that asks
// ("answer.ask[1]"), and is keyed by that step, its ordinal and its input: a step that is sent again and asks the same
// once more gets the answer that was recorded, whichever attempt that was for. Another question under an old ordinal
// is asked anew, in place of the old one. Asks are under no scope: nothing waits for them but the agent that asked.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "router/core/task.h"
#include "router/graph/graph.h"

namespace troupe::core {

// "answer" and 2 give "answer.ask[2]".
std::string AskPath(std::string_view step_path, int ordinal);

// "answer" and 2 for "answer.ask[2]"; nothing for other paths ("handle[2].ask[1]" is a round of a step named ask).
struct AskName {
  std::string_view asker;
  int ordinal = 0;
};
std::optional<AskName> SplitAsk(std::string_view path);
inline bool IsAsk(std::string_view path) { return SplitAsk(path).has_value(); }

// What becomes of a question.
struct AskRuling {
  enum class What {
    kStart,     // the peer is to be asked
    kAnswered,  // `answer` is known already: recorded, or why it is refused
    kUnderWay,  // the peer is at work on the very same question
  };
  What what = What::kStart;
  Result<Value> answer = Value();
};

// The attempt that asks must be under way. Refusals: FAILED_PRECONDITION for a peer that the graph does not declare,
// RESOURCE_EXHAUSTED beyond the peer's max, or where the task's limits leave too little for the peer.
AskRuling RuleOnAsk(const graph::Graph& graph, const TaskState& state, const StepAsked& asked);

// The recorded end of a question, for the agent that asked.
Result<Value> AnswerOf(const StepRecord& ask);

}  // namespace troupe::core
