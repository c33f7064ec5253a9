// One simulated world: the real core and the real choice of replicas between simulated clients, agents and a disk, all
// on virtual time. What may go wrong does: slow and failing work, agents and routers that crash, streams that break,
// tasks that are cancelled or run out of time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/sim/clockwork.h"

namespace troupe::sim {

// A mistake put into the simulated shell, to prove that the checks would see it.
enum class Bug {
  kNone,
  kFinishedStepRunsAgain,  // recovery sends a step out again whose end is on disk
  kWakeUpDropped,          // a replica that has room again does not call those who wait
  kMemoryByKeyOnly,        // an agent answers from memory whatever the input and the committed text are now
  kNoAlarmAfterRestart,    // recovery forgets deadlines and the ends of waits for people
  kAnswerBeforeDisk,       // watchers and callers are told before the record is on disk
  kAnswerByOrdinalOnly,    // a peer's answer goes to whatever question now has its number
  kSecondTryNotSetAside,   // a step is tried twice at once although only one try was set aside
  kOpenReplicaGetsSteps,   // nobody asks whether a replica's circuit is open
};

struct Options {
  uint64_t seed = 1;
  Bug bug = Bug::kNone;
  bool trace = false;
};

struct Outcome {
  // What was wrong, for a person to read; empty for a good world.
  std::vector<std::string> violations;
  int64_t tasks = 0;
  int64_t records = 0;
  int64_t router_crashes = 0;
  int64_t agent_crashes = 0;
  int64_t steps_sent = 0;
  int64_t progress_records = 0;
  // Second tries, and circuits that opened.
  int64_t second_tries = 0;
  int64_t circuits_opened = 0;
  int64_t questions = 0;
  int64_t answers = 0;
  int64_t tasks_done = 0;
  // Decisions of people that were recorded, waits that expired, and decisions that were refused.
  int64_t decisions = 0;
  int64_t expired_waits = 0;
  int64_t refused_decisions = 0;
};

Outcome Simulate(const Options& options);

// What all parts of a world share.
struct World {
  explicit World(const Options& world_options) : options(world_options), chance(world_options.seed) {}
  // For people; does nothing unless tracing.
  void Trace(const std::string& line) const;
  void Violation(std::string what);

  const Options options;
  Clockwork clock;
  Chance chance;
  Outcome outcome;
};

}  // namespace troupe::sim
