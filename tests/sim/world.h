// One simulated world: the real core and the real choice of replicas between simulated clients, agents and a disk, all
// on virtual time. What may go wrong does: slow and failing work, agents and routers that crash, messages that come
// late, twice or never, wires that are cut, a disk that is slow or full, a clock that is set, tasks that are cancelled
// or run out of time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/sim/bugs.h"
#include "tests/sim/clockwork.h"

namespace troupe::sim {

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
  // Teachers that were asked, and steps that ended with the answer of a student that was unsure.
  int64_t teachers_asked = 0;
  int64_t unsure_answers = 0;
  // Students that were sure and checked.
  int64_t spot_checks = 0;
  int64_t questions = 0;
  int64_t answers = 0;
  int64_t tasks_done = 0;
  // Decisions of people that were recorded, waits that expired, and decisions that were refused.
  int64_t decisions = 0;
  int64_t expired_waits = 0;
  int64_t refused_decisions = 0;
  // What the network did.
  int64_t messages_lost = 0;
  int64_t messages_doubled = 0;
  int64_t calls_broken = 0;
  int64_t cuts = 0;
  int64_t disk_stalls = 0;
  int64_t clock_jumps = 0;
  int64_t deadlines_passed = 0;
  // Tasks on canaries, and canaries that the router rolled back by itself.
  int64_t tasks_on_canaries = 0;
  int64_t automatic_rollbacks = 0;
};

Outcome Simulate(const Options& options);

// What all parts of a world share.
struct World {
  explicit World(const Options& world_options) : options(world_options), chance(world_options.seed) {}
  // For people; does nothing unless tracing.
  void Trace(const std::string& line) const;
  void Violation(std::string what);
  // What the router's clock shows: it is set now and then.
  UnixMs wall_ms() const { return clock.now_ms() + skew_ms; }
  void SetClock();

  const Options options;
  Clockwork clock;
  Chance chance;
  Outcome outcome;
  int64_t skew_ms = 0;
  // By how much it was set forward in all.
  int64_t set_forward_ms = 0;
  // How many events of graphs were on disk when a task's version was picked.
  std::map<std::string, size_t> picked_after;
  // Time that the router lost: being down, and with what it had done before that and was not on disk.
  int64_t lost_ms = 0;
};

}  // namespace troupe::sim
