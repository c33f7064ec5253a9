// The stand-ins themselves: one AgentService for each agent that is stood in for, on unix sockets of this process, who
// answer by the rules of the case that a task belongs to. A step of a task that nobody has announced yet waits for that
// (its submit call has not returned). Owned by the runner; answers on gRPC's threads and the timers'. Stops with its
// destructor: steps under way end as UNAVAILABLE.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "router/dispatch/timers.h"
#include "router/rehearsal/suite.h"
#include "runtime/base/error.h"

namespace troupe::rehearsal {

class StandInAgents {
 public:
  // Errors: those of rpc::Server::Start.
  static Result<std::unique_ptr<StandInAgents>> Open(const std::set<std::string>& agents,
                                                     const std::filesystem::path& folder);
  ~StandInAgents();
  StandInAgents(const StandInAgents&) = delete;
  StandInAgents& operator=(const StandInAgents&) = delete;

  // "unix:/.../stand-in.writer.sock"
  std::string AddressOf(const std::string& agent) const;

  // The task belongs to this case, which outlives it. Lets steps that came before go on.
  void Announce(const std::string& task_id, const Case& of);
  // What no rule of the task's case fitted, one line each.
  std::vector<std::string> Unmatched(const std::string& task_id) const;

 private:
  class Agent;
  struct Work;

  struct Task {
    const Case* of = nullptr;
    // By rule: how often it has spoken.
    std::map<const Rule*, int64_t> spoken;
    std::vector<std::string> unmatched;
    // Steps that came before the task was announced.
    std::vector<std::shared_ptr<Work>> waiting;
  };

  StandInAgents();
  void Take(const std::shared_ptr<Work>& work);
  // Needs mutex_. The rule that speaks, counted; null where none fits.
  const Rule* Choose(Task& task, const Work& work);
  void Answer(const std::shared_ptr<Work>& work, const Rule* rule);

  mutable std::mutex mutex_;
  std::map<std::string, Task> tasks_;
  dispatch::Timers timers_;
  std::map<std::string, std::unique_ptr<Agent>> agents_;
};

}  // namespace troupe::rehearsal
