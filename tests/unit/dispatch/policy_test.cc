#include "router/dispatch/policy.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace troupe::dispatch {
namespace {

Candidate Ready(int in_flight, int slots = 1, int capacity = 10) {
  return {.ready = true, .in_flight = in_flight, .slots = slots, .capacity = capacity};
}

TEST(Policy, NothingWhereNoneIsReadyOrAllAreFull) {
  EXPECT_FALSE(Choose({}, 0));
  EXPECT_FALSE(Choose(std::vector<Candidate>{Candidate{}, Candidate{}}, 3));
  EXPECT_FALSE(Choose(std::vector<Candidate>{Ready(10)}, 0));
}

TEST(Policy, TakesTheLeastBusyPerSlot) {
  // given one with 3 steps on 1 slot and one with 4 on 4
  const std::vector<Candidate> candidates{Ready(3, 1), Ready(4, 4)};
  for (uint64_t turn = 0; turn < 4; ++turn) EXPECT_EQ(Choose(candidates, turn)->index, 1u);
  EXPECT_EQ(Choose(candidates, 0)->reason, "least busy of 2 (4 in flight)");
}

TEST(Policy, GoesWhereWhatBeginsAlikeWasWorkedOnIfThatIsHardlyBusier) {
  // given: slots for 8 each, the second has worked on something that begins so
  std::vector<Candidate> candidates{Ready(1, 8), Ready(3, 8), Ready(1, 8)};
  candidates[1].shared = 2;
  // then: it may be 2 steps busier, one for every four slots
  for (uint64_t turn = 0; turn < 3; ++turn) EXPECT_EQ(Choose(candidates, turn)->index, 1u);
  EXPECT_EQ(Choose(candidates, 0)->reason, "worked on what begins alike (3 in flight)");
  candidates[1].in_flight = 4;
  EXPECT_NE(Choose(candidates, 0)->index, 1u);
  // the one with most in common
  candidates[1].in_flight = 3;
  candidates[2].shared = 1;
  EXPECT_EQ(Choose(candidates, 0)->index, 1u);
  candidates[2].shared = 3;
  EXPECT_EQ(Choose(candidates, 0)->index, 2u);
  // of equals the less busy one
  candidates[1].shared = 3;
  EXPECT_EQ(Choose(candidates, 0)->index, 2u);
}

TEST(Policy, WaitsNowhereForWhatBeginsAlikeNorGoesBackForIt) {
  std::vector<Candidate> candidates{Ready(0), Ready(1)};
  candidates[1].shared = 5;
  EXPECT_EQ(Choose(candidates, 0)->index, 0u) << "its only slot is taken";
  candidates[1].in_flight = 0;
  EXPECT_EQ(Choose(candidates, 0)->index, 1u);
  candidates[1].tried = true;
  EXPECT_EQ(Choose(candidates, 0)->index, 0u);
  candidates[1].tried = false;
  candidates[1].spill = 1;
  EXPECT_EQ(Choose(candidates, 0)->index, 0u);
}

TEST(Policy, GoesWhereTheStepHasNotBeenEvenIfBusier) {
  std::vector<Candidate> candidates{Ready(0), Ready(5)};
  candidates[0].tried = true;
  EXPECT_EQ(Choose(candidates, 0)->index, 1u);
  EXPECT_EQ(Choose(candidates, 0)->reason, "not tried before");
  // but rather there again than nowhere
  candidates[1].ready = false;
  EXPECT_EQ(Choose(candidates, 1)->index, 0u);
}

TEST(Policy, EqualsGetEqualShares) {
  const std::vector<Candidate> candidates{Ready(2), Ready(2), Ready(2)};
  std::map<size_t, int> shares;
  for (uint64_t turn = 0; turn < 300; ++turn) ++shares[Choose(candidates, turn)->index];
  for (const auto& [index, share] : shares) EXPECT_EQ(share, 100) << index;
}

TEST(Policy, SkipsTheFullOne) {
  const std::vector<Candidate> candidates{Ready(1, 1, 1), Ready(5, 1, 6)};
  EXPECT_EQ(Choose(candidates, 0)->index, 1u);
}

TEST(Policy, SpillsOnlyWhereNoReplicaBeforeHasRoom) {
  // given two of the agent's own pool and one that takes what spills
  std::vector<Candidate> candidates{Ready(3, 1, 4), Ready(4, 1, 4), Ready(0, 8, 72)};
  candidates[2].spill = 1;
  for (uint64_t turn = 0; turn < 3; ++turn) EXPECT_EQ(Choose(candidates, turn)->index, 0u);
  EXPECT_EQ(Choose(candidates, 0)->reason, "least busy of 2 (3 in flight)");
  // when both are full
  candidates[0].in_flight = 4;
  for (uint64_t turn = 0; turn < 3; ++turn) EXPECT_EQ(Choose(candidates, turn)->index, 2u);
  EXPECT_EQ(Choose(candidates, 0)->reason, "spilled, no room before it: only replica");
  // or gone
  candidates[0].ready = candidates[1].ready = false;
  EXPECT_EQ(Choose(candidates, 0)->reason, "spilled, none before it is ready: only replica");
}

TEST(Policy, SpillsToTheFirstPoolWithRoom) {
  std::vector<Candidate> candidates{Ready(1, 1, 1), Ready(0), Ready(0)};
  candidates[1].spill = 2;
  candidates[2].spill = 1;
  EXPECT_EQ(Choose(candidates, 0)->index, 2u);
  candidates[2].in_flight = candidates[2].capacity;
  EXPECT_EQ(Choose(candidates, 0)->index, 1u);
}

}  // namespace
}  // namespace troupe::dispatch
