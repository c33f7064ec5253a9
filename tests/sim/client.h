// A simulated client: hands one task in until it is taken, watches it from its first record to its last through every
// crash and break, and sometimes cancels it. Its people decide what steps ask. It keeps what it was told, for the
// checks. All it says and hears goes over its wire.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/network.h"
#include "tests/sim/router.h"

namespace troupe::sim {

class Client {
 public:
  Client(World& world, Network& network, Router& router, Submission submission);

  void Start(int64_t delay_ms);

  // Empty until the router has answered.
  const std::string& task() const { return task_; }
  const Submission& submission() const { return submission_; }
  // What each watcher has seen, in order.
  const std::vector<std::vector<core::Record>>& seen() const { return seen_; }
  bool was_told_cancelled() const { return was_told_cancelled_; }
  // What people decided and were told.
  struct Told {
    core::PersonDecided decided;
    Code code = Code::kOk;
  };
  const std::vector<Told>& told() const { return told_; }

 private:
  void Submit();
  void OnAnswer(const std::string& task);
  // Looks now and then whether the watch was lost in a crash or a break.
  void KeepWatching(size_t watcher, int64_t connection);
  void Watch(size_t watcher);
  void OnRecord(size_t watcher, int64_t connection, const core::Record& record);
  bool HasSeenTheEnd(size_t watcher) const;
  void Cancel();
  // Somebody sees a question, and perhaps decides: once, twice, or too late.
  void Consider(const core::AskPerson& asked);
  void Decide(const core::PersonDecided& decided, size_t index);

  World& world_;
  Network& network_;
  Router& router_;
  const Network::Wire wire_;
  const Submission submission_;
  std::string task_;
  std::vector<std::vector<core::Record>> seen_;
  // Grows with each connection, so that records of an older one are not taken; and which of them is known to be lost.
  std::vector<int64_t> connections_;
  std::vector<int64_t> lost_connections_;
  std::vector<int64_t> crashes_when_connected_;
  bool was_told_cancelled_ = false;
  std::vector<Told> told_;
  // Which decisions have been answered.
  std::vector<bool> answered_;
};

}  // namespace troupe::sim
