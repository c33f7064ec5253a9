#include "tests/sim/network.h"

#include <utility>

namespace troupe::sim {
namespace {

// How long an end waits for a wire that says nothing.
constexpr int64_t kKeepAliveMs = 150;
constexpr int64_t kSendAgainMs = 20;

}  // namespace

Network::Wire Network::AddWire() {
  wires_.emplace_back();
  return wires_.size() - 1;
}

int64_t Network::Delay() {
  return world_.chance.OneIn(50) ? world_.chance.Between(0, 120) : world_.chance.Between(0, 3);
}

void Network::Send(const LanePtr& lane, std::function<void()> arrive) {
  lane->under_way.push_back(std::move(arrive));
  int64_t delay_ms = Delay();
  for (int64_t pause_ms = kSendAgainMs; world_.chance.OneIn(40); pause_ms *= 2) {
    ++world_.outcome.messages_lost;
    delay_ms += pause_ms;
  }
  world_.clock.After(delay_ms, [this, lane] { Arrive(lane); });
}

// Which of those under way comes is not asked here: there is one arrival for each, and they keep their order.
void Network::Arrive(const LanePtr& lane) {
  if (IsCut(lane->wire)) {
    const int64_t left_ms = wires_[lane->wire].whole_ms - world_.clock.now_ms();
    world_.clock.After(left_ms + Delay(), [this, lane] { Arrive(lane); });
    return;
  }
  const auto arrive = std::move(lane->under_way.front());
  lane->under_way.pop_front();
  arrive();
}

void Network::Post(Wire wire, std::function<void()> arrive) {
  const int64_t times = world_.chance.OneIn(20) ? 2 : 1;
  for (int64_t i = 0; i < times; ++i) {
    const bool is_lost = world_.chance.OneIn(20);
    world_.outcome.messages_lost += is_lost;
    world_.outcome.messages_doubled += i;
    if (is_lost) continue;
    // The second one may have waited somewhere for long.
    const int64_t delay_ms = i == 0 ? Delay() : world_.chance.Between(0, 300);
    world_.clock.After(delay_ms, [this, wire, arrive] {
      if (!IsCut(wire)) arrive();
    });
  }
}

void Network::CutOne() {
  const auto wire = static_cast<Wire>(world_.chance.Between(0, static_cast<int64_t>(wires_.size()) - 1));
  const int64_t for_ms = world_.chance.OneIn(2) ? world_.chance.Between(1, kKeepAliveMs)
                                                : world_.chance.Between(kKeepAliveMs, 4 * kKeepAliveMs);
  State& state = wires_[wire];
  if (IsCut(wire)) return;
  ++world_.outcome.cuts;
  ++state.cuts;
  state.whole_ms = world_.clock.now_ms() + for_ms;
  world_.Trace("wire " + std::to_string(wire) + " is cut for " + std::to_string(for_ms) + " ms");
  const int64_t router_waits_ms = kKeepAliveMs + world_.chance.Between(0, 40);
  const int64_t other_waits_ms = kKeepAliveMs + world_.chance.Between(0, 40);
  if (router_waits_ms < for_ms) AfterCut(wire, router_waits_ms, &Ends::on_router_gives_up);
  if (other_waits_ms < for_ms) AfterCut(wire, other_waits_ms, &Ends::on_other_gives_up);
  AfterCut(wire, for_ms + Delay(), &Ends::on_whole);
}

void Network::AfterCut(Wire wire, int64_t delay_ms, std::function<void()> Ends::* action) {
  world_.clock.After(delay_ms, [this, wire, action, cut = wires_[wire].cuts] {
    const State& state = wires_[wire];
    if (state.cuts == cut && state.ends.*action) (state.ends.*action)();
  });
}

}  // namespace troupe::sim
