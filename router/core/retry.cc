#include "router/core/retry.h"

#include <algorithm>

namespace troupe::core {
namespace {

bool HasEffects(const graph::Graph& graph, const std::string& agent) {
  const auto found = graph.agents.find(agent);
  return found != graph.agents.end() && found->second.kind != nullptr && found->second.kind->effects;
}

// Refused before any work was done: safe for agents with effects too.
bool SurelyDidNotRun(Code code) { return code == Code::kResourceExhausted || code == Code::kAborted; }

bool MayPass(Code code) {
  return IsRetryable(code) || code == Code::kDeadlineExceeded || code == Code::kInternal || code == Code::kUnknown;
}

int64_t Backoff(const graph::Retry& retry, int failures) {
  int64_t pause_ms = std::max<int64_t>(retry.backoff_ms, 0);
  for (int i = 1; i < failures && pause_ms < retry.max_backoff_ms; ++i) pause_ms *= 2;
  return std::min(pause_ms, std::max<int64_t>(retry.max_backoff_ms, 0));
}

}  // namespace

NextTry PlanNextTry(const graph::Graph& graph, const graph::Step& step, const StepRecord& record,
                    int64_t retry_after_ms, UnixMs now_ms) {
  const std::string& agent = step.agent ? step.agent->agent : step.decompose->agent;
  const graph::Retry& retry = step.agent ? step.agent->retry : step.decompose->retry;
  const Attempt& last = record.attempts.back();
  if (last.agent != agent) return {};  // the fallback has had its one try
  if (HasEffects(graph, agent) && !SurelyDidNotRun(last.error.code)) return {};
  const int failures = static_cast<int>(record.attempts.size());
  if (MayPass(last.error.code) && failures <= retry.max) {
    return {agent, now_ms + std::max(Backoff(retry, failures), retry_after_ms)};
  }
  if (step.agent && step.agent->fallback != agent) return {step.agent->fallback, 0};
  return {};
}

}  // namespace troupe::core
