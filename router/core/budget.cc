#include "router/core/budget.h"

#include <algorithm>

#include "router/graph/worst_case.h"

namespace troupe::core {
namespace {

// One of the three amounts.
struct Part {
  int64_t limit = 0;
  int64_t used = 0;
  int64_t reserved = 0;
  int64_t wanted = 0;

  int64_t left() const { return limit - used - reserved; }
  bool fits() const { return limit == 0 || wanted == 0 || wanted <= left(); }
  // However much of what is set aside comes back.
  bool never_fits() const { return !fits() && reserved == 0; }
};

std::string Why(const std::string& may, const Part& part, std::string (*format)(int64_t), const std::string& advice) {
  return may + ", but of the task's limit of " + format(part.limit) + " only " +
         format(std::max<int64_t>(part.left(), 0)) + " are left; " + advice;
}

std::string Plain(int64_t count) { return std::to_string(count); }
std::string Seconds(int64_t us) { return graph::FormatMicros(us) + " s"; }

}  // namespace

Result<Amounts> MostOf(const graph::Graph& graph, const TaskState& state, const std::string& name, int64_t timeout_ms,
                       UnixMs decided_ms) {
  const auto agent = graph.agents.find(name);
  if (state.limits == Amounts() || agent == graph.agents.end()) return Amounts();
  const bool needs_time =
      state.limits.device_us > 0 || (state.limits.money > 0 && graph::HasDevicePrice(agent->second));
  int64_t most_ms = timeout_ms;
  if (state.deadline_ms > 0 && !graph.asks_people) {
    const int64_t left_ms = std::max<int64_t>(1, state.deadline_ms - decided_ms);
    most_ms = most_ms == 0 ? left_ms : std::min(most_ms, left_ms);
  }
  if (needs_time && most_ms == 0) {
    return FailedPrecondition(
        "has no timeout, so what it costs in device time has no limit, but the task's is limited; give it a timeout");
  }
  constexpr int64_t kUsPerMs = 1000;
  Amounts most;
  if (state.limits.tokens > 0) most.tokens = agent->second.max_tokens;
  if (state.limits.device_us > 0) most.device_us = most_ms * kUsPerMs;
  if (state.limits.money > 0) most.money = graph::MostCostOf(agent->second, most_ms * kUsPerMs);
  return most;
}

Amounts Twice(const Amounts& most) { return {2 * most.tokens, 2 * most.device_us, 2 * most.money}; }

Room RoomFor(const TaskState& state, const Amounts& wanted) {
  const Part tokens{state.limits.tokens, state.usage.generated_tokens, state.reserved.tokens, wanted.tokens};
  const Part device{state.limits.device_us, state.usage.device_us, state.reserved.device_us, wanted.device_us};
  const Part money{state.limits.money, state.money, state.reserved.money, wanted.money};
  const bool never = tokens.never_fits() || device.never_fits() || money.never_fits();
  const auto lacks = [never](const Part& part) { return never ? part.never_fits() : !part.fits(); };
  Room room;
  if (lacks(tokens)) {
    room.why = Why("may generate " + Plain(tokens.wanted) + " tokens", tokens, Plain,
                   "raise limits.tokens or lower the agent's maxTokens");
  } else if (lacks(device)) {
    room.why = Why("may take " + Seconds(device.wanted) + " of device time", device, Seconds,
                   "raise limits.deviceSeconds or lower the step's timeout");
  } else if (lacks(money)) {
    room.why = Why("may cost " + graph::FormatMicros(money.wanted), money, graph::FormatMicros,
                   "raise limits.money, or lower the step's timeout or the agent's maxTokens");
  } else {
    return room;
  }
  room.when = never ? Room::When::kNever : Room::When::kLater;
  return room;
}

}  // namespace troupe::core
