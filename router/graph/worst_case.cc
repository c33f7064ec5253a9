#include "router/graph/worst_case.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace troupe::graph {
namespace {

// Counts are capped here: larger ones are all the same to whoever reads them.
constexpr int64_t kCap = std::numeric_limits<int64_t>::max() / 4;

int64_t Add(int64_t a, int64_t b) { return std::min(kCap, a + b); }
int64_t Times(int64_t a, int64_t n) { return a > kCap / std::max<int64_t>(1, n) ? kCap : a * n; }

// No value where it is endless.
using Amount = std::optional<int64_t>;

Amount Add(Amount a, Amount b) { return a && b ? Amount(Add(*a, *b)) : std::nullopt; }
Amount Times(Amount a, int64_t n) { return a ? Amount(Times(*a, n)) : std::nullopt; }
Amount Later(Amount a, Amount b) { return a && b ? Amount(std::max(*a, *b)) : std::nullopt; }

struct Cost {
  int64_t calls = 0;
  int64_t tokens = 0;
  int64_t approvals = 0;
  Amount time_ms = 0;
  Amount device_us = 0;
  Amount money = 0;
};

// One after the other.
Cost Plus(const Cost& a, const Cost& b) {
  return {.calls = Add(a.calls, b.calls),
          .tokens = Add(a.tokens, b.tokens),
          .approvals = Add(a.approvals, b.approvals),
          .time_ms = Add(a.time_ms, b.time_ms),
          .device_us = Add(a.device_us, b.device_us),
          .money = Add(a.money, b.money)};
}

// `times` in all, of which `in_a_row` one after the other.
Cost Repeated(const Cost& once, int64_t times, int64_t in_a_row) {
  return {.calls = Times(once.calls, times),
          .tokens = Times(once.tokens, times),
          .approvals = Times(once.approvals, times),
          .time_ms = Times(once.time_ms, in_a_row),
          .device_us = Times(once.device_us, times),
          .money = Times(once.money, times)};
}

// Either of them.
Cost Larger(const Cost& a, const Cost& b) {
  return {.calls = std::max(a.calls, b.calls),
          .tokens = std::max(a.tokens, b.tokens),
          .approvals = std::max(a.approvals, b.approvals),
          .time_ms = Later(a.time_ms, b.time_ms),
          .device_us = Later(a.device_us, b.device_us),
          .money = Later(a.money, b.money)};
}

Cost InTurn(const Cost& once, int64_t times) { return Repeated(once, times, times); }

class Estimator {
 public:
  explicit Estimator(const Graph& graph) : graph_(graph) {}

  // Time is that of the longest chain: every step starts when the last of those it waits for has ended.
  Cost Of(const Scope& scope) {
    Cost total;
    std::vector<std::optional<Amount>> ends(scope.steps.size());
    std::function<Amount(int)> end_of = [&](int index) {
      if (ends[index]) return *ends[index];
      Amount start = 0;
      for (const int other : scope.steps[index].waits_for) start = Later(start, end_of(other));
      const Cost cost = Of(scope.steps[index]);
      const Amount chain = total.time_ms;
      total = Plus(total, cost);
      ends[index] = Add(start, cost.time_ms);
      total.time_ms = Later(chain, *ends[index]);
      return *ends[index];
    };
    for (int index = 0; index < static_cast<int>(scope.steps.size()); ++index) end_of(index);
    return total;
  }

 private:
  Cost Of(const Step& step) {
    switch (step.kind) {
      case StepKind::kAgent:
        return OfAgentStep(*step.agent);
      case StepKind::kDecompose:
        if (step.decompose->agent.empty()) return {};  // the router does it
        return OfAttempts(step.decompose->agent, step.decompose->retry, step.decompose->timeout_ms, 1);
      case StepKind::kEach:
        // items run `parallel` at a time
        return Repeated(Of(*step.each->body), step.each->max,
                        (step.each->max + step.each->parallel - 1) / step.each->parallel);
      case StepKind::kRepeat:
        return InTurn(Of(*step.repeat->body), step.repeat->max);
      case StepKind::kGraph:
        return Of(*step.graph->body);
      case StepKind::kApprove:
        // the task's clock stands still meanwhile
        return {.approvals = 1};
    }
    return {};
  }

  // What comes after the agent's own attempts is the fallback, where they have all failed, or the teacher, where the
  // last one's answer is unsure.
  Cost OfAgentStep(const AgentStep& step) {
    const Cost own = OfAttempts(step.agent, step.retry, step.timeout_ms, step.hedge_percent > 0 ? 2 : 1);
    Cost last;
    if (!step.fallback.empty()) last = OfAttempts(step.fallback, {}, step.timeout_ms, 1);
    if (step.teach) last = Larger(last, OfAttempts(step.teach->agent, {}, step.teach->timeout_ms, 1));
    return Plus(own, last);
  }

  // `tries` at once in each attempt.
  Cost OfAttempts(const std::string& agent, const Retry& retry, int64_t timeout_ms, int tries) {
    const int64_t attempts = 1 + retry.max;
    Cost cost = InTurn(OfAgent(agent, timeout_ms), attempts * tries);
    cost.time_ms = std::nullopt;
    if (timeout_ms == 0) return cost;
    int64_t pauses = 0;
    int64_t pause = retry.backoff_ms;
    for (int i = 0; i < retry.max; ++i, pause = std::min(retry.max_backoff_ms, 2 * pause)) pauses += pause;
    // what an agent asks counts against its own time
    cost.time_ms = Add(Times(timeout_ms, attempts), pauses);
    return cost;
  }

  // One call and all that it may ask of peers, who may ask in turn; asks form no circle, and none takes longer than the
  // call that asks.
  const Cost& OfAgent(const std::string& name, int64_t timeout_ms) {
    const auto key = std::make_pair(name, timeout_ms);
    if (const auto known = agents_.find(key); known != agents_.end()) return known->second;
    const int64_t device_us = Times(timeout_ms, 1000);
    Cost cost{.calls = 1, .device_us = timeout_ms == 0 ? std::nullopt : std::optional(device_us)};
    if (const auto found = graph_.agents.find(name); found != graph_.agents.end()) {
      const Agent& agent = found->second;
      cost.tokens = agent.max_tokens;
      const bool endless = timeout_ms == 0 && HasDevicePrice(agent);
      cost.money = endless ? std::nullopt : std::optional(MostCostOf(agent, device_us));
      for (const auto& [peer, max] : agent.asks) cost = Plus(cost, InTurn(OfAgent(peer, timeout_ms), max));
    }
    return agents_[key] = cost;
  }

  const Graph& graph_;
  std::map<std::pair<std::string, int64_t>, Cost> agents_;
};

// The limit where that is less or the other is endless; 0 for neither.
int64_t Least(Amount amount, int64_t limit) {
  if (!amount) return limit;
  return limit > 0 ? std::min(*amount, limit) : *amount;
}

}  // namespace

int64_t MostCostOf(const Agent& agent, int64_t device_us) {
  int64_t most = CostOf(agent.price, agent.max_tokens, device_us);
  for (const Spill& spill : agent.spill_to) most = std::max(most, CostOf(spill.price, agent.max_tokens, device_us));
  return most;
}

bool HasDevicePrice(const Agent& agent) {
  return agent.price.device_second > 0 || std::any_of(agent.spill_to.begin(), agent.spill_to.end(),
                                                      [](const Spill& s) { return s.price.device_second > 0; });
}

WorstCase WorstCaseOf(const Graph& graph) {
  const Cost cost = Estimator(graph).Of(graph.root);
  const Limits& limits = graph.limits;
  return {.calls = cost.calls,
          .tokens = Least(cost.tokens, limits.tokens),
          .time_ms = Least(cost.time_ms, limits.time_ms),
          .approvals = cost.approvals,
          .device_us = Least(cost.device_us, limits.device_us),
          .money = Least(cost.money, limits.money)};
}

}  // namespace troupe::graph
