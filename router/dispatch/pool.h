// The replicas of one agent and the steps that wait for one of them. A step is sent at once where a replica has room,
// otherwise it waits in line; a full line refuses.
//
// Owner: the Dispatcher. Thread-safe. Stops: nothing of its own runs.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

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
    virtual const std::string& task() const = 0;
  };

  Pool(std::string agent, size_t max_waiting) : agent_(std::move(agent)), max_waiting_(max_waiting) {}

  // Gives a replica now (OnReplica within this call) or when one is free. Errors: RESOURCE_EXHAUSTED with retry info
  // where the line is full.
  Status Ask(std::shared_ptr<Customer> customer);
  // No longer wanted.
  void Leave(const Customer* customer);
  // Serves those who wait, as far as there is room.
  void Pump();

  void SetReplicas(std::vector<std::shared_ptr<Replica>> replicas);
  std::vector<std::shared_ptr<Replica>> replicas() const;

  // Why nobody is served, for errors: "no replica of agent writer is ready (writer-0: not connected yet)".
  std::string WhyNone() const;

 private:
  struct Found {
    std::shared_ptr<Replica> replica;
    std::string reason;
  };
  // Takes a place at a replica, or nothing. Needs the lock.
  std::optional<Found> Find(const Customer& customer);

  const std::string agent_;
  const size_t max_waiting_;
  mutable std::mutex mutex_;
  uint64_t turn_ = 0;
  std::vector<std::shared_ptr<Replica>> replicas_;
  Line<Customer> waiting_;
};

}  // namespace troupe::dispatch
