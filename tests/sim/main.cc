// sim: plays one seed and tells what happened in it, or many and tells which went wrong.
//   sim --seed 17                              one, with every event
//   sim --seeds 2000 [--from 1] [--jobs 2]     many, in silence
//   sim ... --bug NAME                         with a planted mistake; `--bug list` names them
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/sim/world.h"

namespace {

using troupe::sim::Bugs;
using troupe::sim::Options;

struct Plan {
  Options first;
  uint64_t count = 0;
  int jobs = 1;
};

// Whether it went right.
bool Play(const Options& options) {
  const auto outcome = troupe::sim::Simulate(options);
  for (const std::string& violation : outcome.violations) {
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(options.seed), violation.c_str());
  }
  if (options.trace) {
    std::printf(
        "%lld tasks (%lld done), %lld records, %lld steps sent, %lld router crashes, %lld agent crashes, %lld "
        "calls broken, %lld cuts\n",
        static_cast<long long>(outcome.tasks), static_cast<long long>(outcome.tasks_done),
        static_cast<long long>(outcome.records), static_cast<long long>(outcome.steps_sent),
        static_cast<long long>(outcome.router_crashes), static_cast<long long>(outcome.agent_crashes),
        static_cast<long long>(outcome.calls_broken), static_cast<long long>(outcome.cuts));
  }
  return outcome.violations.empty();
}

// How many went wrong.
uint64_t PlayAll(const Plan& plan) {
  std::atomic<uint64_t> next{0};
  std::atomic<uint64_t> failures{0};
  const auto play = [&] {
    for (uint64_t i = next++; i < plan.count; i = next++) {
      Options options = plan.first;
      options.seed += i;
      failures += Play(options) ? 0 : 1;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 1; i < plan.jobs; ++i) threads.emplace_back(play);
  play();
  for (std::thread& thread : threads) thread.join();
  return failures;
}

int Usage() {
  std::fprintf(stderr, "usage: sim --seed N | --seeds COUNT [--from N] [--jobs N]   [--bug NAME]\nmistakes:");
  for (const auto& bug : Bugs()) std::fprintf(stderr, " %.*s", static_cast<int>(bug.name.size()), bug.name.data());
  std::fprintf(stderr, "\n");
  return 2;
}

bool TakeBug(std::string_view name, Plan& plan) {
  for (const auto& known : Bugs()) {
    if (known.name != name) continue;
    plan.first.bug = known.bug;
    return true;
  }
  return false;
}

bool Take(std::string_view name, const char* value, Plan& plan) {
  if (name == "--bug") return TakeBug(value, plan);
  const uint64_t number = std::strtoull(value, nullptr, 10);
  if (name == "--seed") {
    plan.first.seed = number;
    plan.first.trace = true;
    plan.count = 1;
  } else if (name == "--seeds") {
    plan.count = number;
  } else if (name == "--from") {
    plan.first.seed = number;
  } else if (name == "--jobs") {
    plan.jobs = static_cast<int>(number);
  } else {
    return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Plan plan;
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 == argc || !Take(argv[i], argv[i + 1], plan)) return Usage();
  }
  if (plan.count == 0) return Usage();
  const uint64_t failures = PlayAll(plan);
  if (!plan.first.trace) {
    std::printf("%llu seeds, %llu went wrong\n", static_cast<unsigned long long>(plan.count),
                static_cast<unsigned long long>(failures));
  }
  return failures == 0 ? 0 : 1;
}
