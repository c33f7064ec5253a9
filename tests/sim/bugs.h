// Mistakes that can be put into the simulated shell, to prove that the checks would see them.
#pragma once

#include <span>
#include <string_view>

namespace troupe::sim {

enum class Bug {
  kNone,
  kFinishedStepRunsAgain,  // recovery sends a step out again whose end is on disk
  kWakeUpDropped,          // a replica that has room again does not call those who wait
  kMemoryByKeyOnly,        // an agent answers from memory whatever the input and the committed text are now
  kNoAlarmAfterRestart,    // recovery forgets deadlines and the ends of waits for people
  kAlarmOnlyOnce,          // an alarm that goes off too early, because the clock was set back, is not set again
  kAnswerBeforeDisk,       // watchers and callers are told before the record is on disk
  kAnswerByOrdinalOnly,    // a peer's answer goes to whatever question now has its number
  kLateTextTaken,          // text is taken that comes on a stream which was given up as broken
  kPauseByTheClock,        // a pause that a restart interrupts lasts as long as the clock says, which may have been set
  kSecondTryNotSetAside,   // a step is tried twice at once although only one try was set aside
  kOpenReplicaGetsSteps,   // nobody asks whether a replica's circuit is open
  kCanaryCountedInMemory,  // how a canary's tasks ended is forgotten in a crash
  kVersionBeforeDisk,      // new tasks run on a version before it is on disk that they do
};

struct BugName {
  std::string_view name;
  Bug bug;
};

inline std::span<const BugName> Bugs() {
  static constexpr BugName kBugs[] = {
      {"step-again", Bug::kFinishedStepRunsAgain},
      {"wake-up", Bug::kWakeUpDropped},
      {"stale-memory", Bug::kMemoryByKeyOnly},
      {"no-alarm", Bug::kNoAlarmAfterRestart},
      {"one-alarm", Bug::kAlarmOnlyOnce},
      {"early-answer", Bug::kAnswerBeforeDisk},
      {"other-question", Bug::kAnswerByOrdinalOnly},
      {"late-text", Bug::kLateTextTaken},
      {"long-pause", Bug::kPauseByTheClock},
      {"second-try", Bug::kSecondTryNotSetAside},
      {"open-replica", Bug::kOpenReplicaGetsSteps},
      {"canary-forgotten", Bug::kCanaryCountedInMemory},
      {"early-version", Bug::kVersionBeforeDisk},
  };
  return kBugs;
}

}  // namespace troupe::sim
