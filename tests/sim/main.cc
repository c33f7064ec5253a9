// sim: plays one seed and tells what happened in it, or many and tells which went wrong.
//   sim --seed 17                     one, with every event
//   sim --seeds 2000 [--from 1]       many, in silence
//   sim ... --bug NAME                with a planted mistake: step-again, wake-up, stale-memory, no-alarm, early-answer,
//                                     other-question, second-try, open-replica
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "tests/sim/world.h"

namespace {

using troupe::sim::Bug;
using troupe::sim::Options;

int Play(const Options& options) {
  const auto outcome = troupe::sim::Simulate(options);
  for (const std::string& violation : outcome.violations) {
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(options.seed), violation.c_str());
  }
  if (options.trace) {
    std::printf("%lld tasks (%lld done), %lld records, %lld steps sent, %lld router crashes, %lld agent crashes\n",
                static_cast<long long>(outcome.tasks), static_cast<long long>(outcome.tasks_done),
                static_cast<long long>(outcome.records), static_cast<long long>(outcome.steps_sent),
                static_cast<long long>(outcome.router_crashes), static_cast<long long>(outcome.agent_crashes));
  }
  return outcome.violations.empty() ? 0 : 1;
}

int Usage() {
  std::fprintf(stderr, "usage: sim --seed N | --seeds COUNT [--from N] [--bug NAME]\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string, Bug> bugs = {{"none", Bug::kNone},
                                           {"step-again", Bug::kFinishedStepRunsAgain},
                                           {"wake-up", Bug::kWakeUpDropped},
                                           {"stale-memory", Bug::kMemoryByKeyOnly},
                                           {"no-alarm", Bug::kNoAlarmAfterRestart},
                                           {"early-answer", Bug::kAnswerBeforeDisk},
                                           {"other-question", Bug::kAnswerByOrdinalOnly},
                                           {"second-try", Bug::kSecondTryNotSetAside},
                                           {"open-replica", Bug::kOpenReplicaGetsSteps}};
  Options options;
  uint64_t count = 0;
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc) return Usage();
    const std::string value = argv[i + 1];
    if (name == "--bug") {
      if (!bugs.contains(value)) return Usage();
      options.bug = bugs.at(value);
      continue;
    }
    const uint64_t number = std::strtoull(value.c_str(), nullptr, 10);
    if (name == "--seed") {
      options.seed = number;
      options.trace = true;
      count = 1;
    } else if (name == "--seeds") {
      count = number;
    } else if (name == "--from") {
      options.seed = number;
    } else {
      return Usage();
    }
  }
  if (count == 0) return Usage();
  int failures = 0;
  for (uint64_t i = 0; i < count; ++i, ++options.seed) failures += Play(options);
  if (!options.trace) std::printf("%llu seeds, %d went wrong\n", static_cast<unsigned long long>(count), failures);
  return failures == 0 ? 0 : 1;
}
