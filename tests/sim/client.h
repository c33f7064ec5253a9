// A simulated client: hands one task in until it is taken, watches it from its first record to its last through every
// crash, and sometimes cancels it. Its people decide what steps ask. It keeps what it was told, for the checks.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/router.h"

namespace troupe::sim {

class Client {
 public:
  Client(World& world, Router& router, Submission submission);

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
  // Looks now and then whether the watch was lost in a crash.
  void KeepWatching(size_t watcher, int64_t crashes_when_connected);
  void Watch(size_t watcher);
  bool HasSeenTheEnd(size_t watcher) const;
  void Cancel();
  // Somebody sees a question, and perhaps decides: once, twice, or too late.
  void Consider(const core::AskPerson& asked);
  void Decide(const core::PersonDecided& decided, size_t index);

  World& world_;
  Router& router_;
  const Submission submission_;
  std::string task_;
  std::vector<std::vector<core::Record>> seen_;
  // Grows with each connection, so that records of an older one are not taken.
  std::vector<int64_t> connections_;
  bool was_told_cancelled_ = false;
  std::vector<Told> told_;
  // Which decisions have been answered.
  std::vector<bool> answered_;
};

}  // namespace troupe::sim
