// The replicas of one agent and the steps that wait for one of them. A step is sent at once where a replica has room,
// otherwise it waits in line; a full line refuses.
//
// Owner: the Dispatcher. Thread-safe. Stops: nothing of its own runs.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "router/dispatch/hedge_policy.h"
#include "router/dispatch/line.h"
#include "router/dispatch/replica.h"

namespace troupe::dispatch {

class Pool {
 public:
  // Somebody who wants a replica.
  class Customer {
   public:
    virtual ~Customer() = default;
    // It is this customer's until Replica::GiveBack and then Pump.
    virtual void OnReplica(std::shared_ptr<Replica> replica, std::string reason) = 0;
    // Replicas it has been to, by name. Called under the pool's lock: must not call back.
    virtual const std::set<std::string>& tried() const = 0;
    // Whose place in line it takes. Neither changes.
    virtual int priority() const = 0;
    // How its input begins (runtime/base/prefix.h).
    virtual std::span<const uint64_t> prefixes() const { return {}; }
    virtual const std::string& task() const = 0;
  };

  Pool(std::string agent, size_t max_waiting) : agent_(std::move(agent)), max_waiting_(max_waiting) {}

  // Gives a replica now (OnReplica within this call) or when one is free. Errors: RESOURCE_EXHAUSTED with retry info
  // where the line is full.
  Status Ask(std::shared_ptr<Customer> customer);
  // Gives a replica now if one of that pool (Candidate::spill), which the customer has not been to, has room and nobody
  // waits; else it gives none, and false.
  bool AskElsewhere(const std::shared_ptr<Customer>& customer, int spill);
  // No longer wanted.
  void Leave(const Customer* customer);
  // Serves those who wait, as far as there is room.
  void Pump();

  void SetReplicas(std::vector<std::shared_ptr<Replica>> replicas);
  std::vector<std::shared_ptr<Replica>> replicas() const;

  // When this agent's steps are tried twice at once.
  const std::shared_ptr<HedgePolicy>& hedging() const { return hedging_; }

  // Why nobody is served, for errors: "no replica of agent writer is ready (writer-0: not connected yet)".
  std::string WhyNone() const;

 private:
  struct Found {
    std::shared_ptr<Replica> replica;
    std::string reason;
  };
  // Takes a place at a replica, or nothing; with `only_spill` only at one of that pool where it has not been. Needs the
  // lock.
  std::optional<Found> Find(const Customer& customer, std::optional<int> only_spill = std::nullopt);

  const std::string agent_;
  const size_t max_waiting_;
  const std::shared_ptr<HedgePolicy> hedging_ = std::make_shared<HedgePolicy>();
  mutable std::mutex mutex_;
  uint64_t turn_ = 0;
  std::vector<std::shared_ptr<Replica>> replicas_;
  Line<Customer> waiting_;
};

}  // namespace troupe::dispatch
