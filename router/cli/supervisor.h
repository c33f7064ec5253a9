// Keeps child processes running: starts them, starts them again with growing pauses when they die, says when one keeps
// dying, and stops them. No thread of its own: whoever owns it calls Poll from its loop (main thread only, see
// process.h). The destructor kills what still runs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "router/cli/process.h"
#include "runtime/base/clock.h"

namespace troupe::cli {

struct RestartPolicy {
  int64_t first_pause_ms = 100;
  int64_t max_pause_ms = 5'000;
  // A process that lived this long had nothing wrong with it at the start: its pauses begin anew.
  int64_t healthy_after_ms = 15'000;
  // The same for one that was ready for work, see MarkReady.
  int64_t healthy_when_ready_after_ms = 500;
  // This many deaths in a row without a healthy life are a crash loop.
  int crash_loop_after = 5;
};

// The pause before the next start after `deaths` deaths in a row.
int64_t RestartPauseMs(const RestartPolicy& policy, int deaths);

struct ProcessEvent {
  enum class Kind {
    kStarted,    // runs (again)
    kDied,       // ended while it should run
    kCrashLoop,  // died again and again; still tried at the longest pause
    kStopped,    // ended after Stop
  };
  Kind kind = Kind::kStarted;
  std::string name;
  // kDied, kCrashLoop: how it ended, and its last log lines for kCrashLoop.
  std::string detail;
  // Ended by itself (not by a signal), which at a first start means that it refuses.
  bool exited = false;
};

class Supervisor {
 public:
  explicit Supervisor(const Clock& clock, RestartPolicy policy = {}) : clock_(clock), policy_(policy) {}
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // Starts it at the next Poll.
  void Add(ProcessSpec spec);
  // Collects what ended, starts what is due. Does not block.
  std::vector<ProcessEvent> Poll();
  // Asks the process of that name to end and starts it no more; `signal_number` is SIGTERM or SIGKILL.
  void Stop(const std::string& name, int signal_number);
  // The process of that name is ready for work, until it dies.
  void MarkReady(const std::string& name);
  // True where none of the processes runs any more and none will be started.
  bool AllStopped() const;
  // 0 where it does not run.
  pid_t PidOf(const std::string& name) const;
  int DeathsOf(const std::string& name) const;

 private:
  struct Child {
    ProcessSpec spec;
    pid_t pid = 0;
    int64_t started_ns = 0;
    int64_t start_at_ns = 0;
    int deaths_in_a_row = 0;
    int deaths = 0;
    bool wanted = true;
    bool ready = false;
    bool crash_loop_said = false;
  };
  void Reap(Child& child, std::vector<ProcessEvent>& events);
  void StartIfDue(Child& child, std::vector<ProcessEvent>& events);
  void PlanRestart(Child& child, std::string how, bool exited, std::vector<ProcessEvent>& events);

  const Clock& clock_;
  const RestartPolicy policy_;
  std::vector<Child> children_;
};

}  // namespace troupe::cli
