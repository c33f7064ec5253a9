// The wires of a simulated world: one from the router to each replica and to each client. They delay, lose, repeat and
// are cut for a while.
//
// Streams go by lanes. A lane stands on a transport, as gRPC stands on TCP: what is lost is sent again, so it comes
// late and holds back what was sent after it, and what comes twice is dropped. So one lane keeps its order, and two
// overtake each other. A wire that stays cut is given up by both ends, each at its own time: until then one of them may
// wait for a connection that the other has left. Single requests (Post) have nothing underneath: they may come in any
// order, twice or never, as those of a caller do who gives up and asks again.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "tests/sim/world.h"

namespace troupe::sim {

class Network {
 public:
  using Wire = size_t;
  // What the two ends do once they give up a wire that is cut, and what the router does when it is whole again.
  struct Ends {
    std::function<void()> on_router_gives_up;
    std::function<void()> on_other_gives_up;
    std::function<void()> on_whole;
  };
  // One direction of a stream.
  struct Lane {
    Wire wire = 0;
    std::deque<std::function<void()>> under_way;
  };
  using LanePtr = std::shared_ptr<Lane>;

  explicit Network(World& world) : world_(world) {}

  Wire AddWire();
  void Attach(Wire wire, Ends ends) { wires_[wire].ends = std::move(ends); }
  LanePtr OpenLane(Wire wire) const { return std::make_shared<Lane>(Lane{.wire = wire, .under_way = {}}); }
  // Runs `arrive` at the other end, after all that was sent by that lane before.
  void Send(const LanePtr& lane, std::function<void()> arrive);
  void Post(Wire wire, std::function<void()> arrive);
  bool IsCut(Wire wire) const { return world_.clock.now_ms() < wires_[wire].whole_ms; }
  // Some wire, for a moment or for longer than its ends wait.
  void CutOne();

 private:
  struct State {
    Ends ends;
    UnixMs whole_ms = 0;
    int64_t cuts = 0;
  };
  int64_t Delay();
  void Arrive(const LanePtr& lane);
  // Runs `action` then, where the wire is in the same cut still (or has not been cut anew since).
  void AfterCut(Wire wire, int64_t delay_ms, std::function<void()> Ends::* action);

  World& world_;
  std::vector<State> wires_;
};

}  // namespace troupe::sim
