// A year of failures in some seconds: 2,000 seeded worlds must all be right, and a mistake planted in the shell must be
// seen.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/sim/world.h"

namespace troupe::sim {
namespace {

constexpr uint64_t kSeeds = 2000;

std::string Describe(const Options& options, const Outcome& outcome) {
  std::string text = "replay with: sim --seed " + std::to_string(options.seed);
  for (const std::string& violation : outcome.violations) text += "\n  " + violation;
  return text;
}

// Split in pieces so that ctest may run them side by side.
class Seeds : public ::testing::TestWithParam<uint64_t> {};

TEST_P(Seeds, AreAllRight) {
  Outcome total;
  for (uint64_t seed = GetParam(); seed < GetParam() + kSeeds / 4; ++seed) {
    const Options options{.seed = seed};
    const Outcome outcome = Simulate(options);
    EXPECT_TRUE(outcome.violations.empty()) << Describe(options, outcome);
    total.tasks += outcome.tasks;
    total.tasks_done += outcome.tasks_done;
    total.router_crashes += outcome.router_crashes;
    total.agent_crashes += outcome.agent_crashes;
    total.progress_records += outcome.progress_records;
    total.second_tries += outcome.second_tries;
    total.circuits_opened += outcome.circuits_opened;
    total.teachers_asked += outcome.teachers_asked;
    total.unsure_answers += outcome.unsure_answers;
    total.spot_checks += outcome.spot_checks;
    total.questions += outcome.questions;
    total.answers += outcome.answers;
    total.decisions += outcome.decisions;
    total.expired_waits += outcome.expired_waits;
    total.refused_decisions += outcome.refused_decisions;
    total.messages_lost += outcome.messages_lost;
    total.messages_doubled += outcome.messages_doubled;
    total.calls_broken += outcome.calls_broken;
    total.cuts += outcome.cuts;
    total.disk_stalls += outcome.disk_stalls;
    total.clock_jumps += outcome.clock_jumps;
    total.deadlines_passed += outcome.deadlines_passed;
    total.tasks_on_canaries += outcome.tasks_on_canaries;
    total.automatic_rollbacks += outcome.automatic_rollbacks;
  }
  // then: these worlds were worth looking at
  EXPECT_GT(total.tasks, 800);
  EXPECT_GT(total.tasks_done, total.tasks / 4);
  EXPECT_LT(total.tasks_done, total.tasks);
  EXPECT_GT(total.router_crashes, 300);
  EXPECT_GT(total.agent_crashes, 300);
  EXPECT_GT(total.progress_records, 1000);
  EXPECT_GT(total.second_tries, 100);
  EXPECT_GT(total.circuits_opened, 15);
  EXPECT_GT(total.teachers_asked, 100);
  EXPECT_GT(total.unsure_answers, 20);
  EXPECT_GT(total.spot_checks, 50);
  EXPECT_GT(total.questions, 300);
  EXPECT_GT(total.answers, 200);
  EXPECT_GT(total.decisions, 100);
  EXPECT_GT(total.expired_waits, 20);
  EXPECT_GT(total.refused_decisions, 20);
  EXPECT_GT(total.messages_lost, 1000);
  EXPECT_GT(total.messages_doubled, 1000);
  EXPECT_GT(total.calls_broken, 300);
  EXPECT_GT(total.cuts, 300);
  EXPECT_GT(total.disk_stalls, 100);
  EXPECT_GT(total.clock_jumps, 50);
  EXPECT_GT(total.deadlines_passed, 50);
  EXPECT_GT(total.tasks_on_canaries, 50);
  EXPECT_GT(total.automatic_rollbacks, 5);
}

INSTANTIATE_TEST_SUITE_P(All, Seeds, ::testing::Values(1, 501, 1001, 1501));

TEST(Replay, ASeedGivesTheSameWorldAgain) {
  const Outcome first = Simulate({.seed = 42});
  const Outcome second = Simulate({.seed = 42});
  EXPECT_EQ(first.records, second.records);
  EXPECT_EQ(first.steps_sent, second.steps_sent);
  EXPECT_GT(first.records, 0);
}

class PlantedBug : public ::testing::TestWithParam<BugName> {};

TEST_P(PlantedBug, IsFound) {
  // most searches end after a few worlds, the rarest after some thousand
  constexpr uint64_t kMost = 5 * kSeeds;
  for (uint64_t seed = 1; seed <= kMost; ++seed) {
    const Outcome outcome = Simulate({.seed = seed, .bug = GetParam().bug});
    if (!outcome.violations.empty()) {
      RecordProperty("seed", static_cast<int>(seed));
      return;
    }
  }
  FAIL() << "no seed of " << kMost << " sees '" << GetParam().name << "'";
}

INSTANTIATE_TEST_SUITE_P(All, PlantedBug, ::testing::ValuesIn(Bugs().begin(), Bugs().end()), [](const auto& info) {
  std::string name(info.param.name);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace troupe::sim
