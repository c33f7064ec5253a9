// The simulated router's end of its connections to replicas: calls go over wires, so what an agent says comes later,
// and each end hears of a broken call at its own time or never. Counts what is in flight as the router sees it, which
// is not always what the replica has.
//
// Owner: the world; it lives through the router's crashes, each of which forgets every call (Crash, then Connect).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "router/dispatch/policy.h"
#include "tests/sim/agents.h"
#include "tests/sim/network.h"

namespace troupe::sim {

class Calls {
 public:
  Calls(World& world, Network& network, Agents& agents);

  // `on_room` is called whenever a replica may take a step again, as far as the router knows.
  void Attach(std::function<void(const std::string& agent)> on_room) { on_room_ = std::move(on_room); }
  // As the policy sees them, without what a step has tried.
  std::vector<dispatch::Candidate> Candidates(const std::string& agent) const;
  // Gives a number to cancel it by.
  int64_t Send(const std::string& agent, size_t replica, Work work, Replies replies);
  // What a peer said, for the question of that number.
  void Answer(int64_t number, int ordinal, Result<Value> answer);
  // Nothing more comes back. The agent hears of it, mostly.
  void Cancel(int64_t number);
  void Crash();
  void Connect();
  // Calls that have not ended, at the router's end.
  size_t count() const { return calls_.size(); }

 private:
  struct Link {
    Network::Wire wire = 0;
    // What becomes of the replica, in order.
    Network::LanePtr news;
    bool ready = true;
    int in_flight = 0;
  };
  struct Call {
    int64_t number = 0;
    std::string agent;
    size_t replica = 0;
    Replies replies;
    Network::LanePtr to_agent;
    Network::LanePtr to_router;
    // At the router's end.
    bool is_open = true;
    bool broke = false;
    // At the agent's end: the agent's number for it, once it has come there.
    bool is_open_there = true;
    int64_t stream = 0;
  };
  using CallPtr = std::shared_ptr<Call>;

  Link& LinkOf(const Call& call) { return links_[call.agent][call.replica]; }
  void Arrive(const CallPtr& call, Work work);
  void ToRouter(const CallPtr& call, std::function<void()> action);
  void Close(const CallPtr& call);
  void CloseThere(const CallPtr& call);
  void Leave(const CallPtr& call, bool is_half_open);
  void Break(const CallPtr& call);
  void OnRouterGivesUp(const std::string& agent, size_t replica);
  void OnAgentGivesUp(const std::string& agent, size_t replica);
  // The router hears whether the replica is up.
  void Learn(const std::string& agent, size_t replica);
  void CallWaiting(const std::string& agent);

  World& world_;
  Network& network_;
  Agents& agents_;
  std::map<std::string, std::vector<Link>> links_;
  std::map<int64_t, CallPtr> calls_;
  // Those that the agent's end has not closed yet.
  std::map<int64_t, CallPtr> there_;
  int64_t last_number_ = 0;
  std::function<void(const std::string&)> on_room_;
};

}  // namespace troupe::sim
