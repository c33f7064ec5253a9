#include "router/rollout/rollout.h"

#include <gtest/gtest.h>

namespace troupe::rollout {
namespace {

using Versions = std::vector<std::string>;

// One after the other, a second apart.
Rollout Folded(const std::vector<What>& whats) {
  Rollout rollout;
  UnixMs time_ms = 1'000;
  for (const What& what : whats) Fold(rollout, {time_ms += 1'000, what});
  return rollout;
}

TEST(Rollouts, WhatIsAppliedBecomesCurrentAndTheOneBeforeIsKept) {
  Rollout rollout = Folded({Applied{"v1"}, Applied{"v2"}, Applied{"v3"}});
  EXPECT_EQ(rollout.current, "v3");
  EXPECT_EQ(rollout.earlier, (Versions{"v1", "v2"}));
  // again the same is no change, an earlier one is
  EXPECT_FALSE(DecideApply(rollout, "v3"));
  Fold(rollout, {9, *DecideApply(rollout, "v1")});
  EXPECT_EQ(rollout.current, "v1");
  EXPECT_EQ(rollout.earlier, (Versions{"v2", "v3"}));
}

TEST(Rollouts, GoingBackTwiceGoesBackTwice) {
  Rollout rollout = Folded({Applied{"v1"}, Applied{"v2"}, Applied{"v3"}});
  Fold(rollout, {9, DecideRollBack(rollout, "", "slow").value()});
  EXPECT_EQ(rollout.current, "v2");
  EXPECT_TRUE(WasRolledBack(rollout, "v3"));
  Fold(rollout, {10, DecideRollBack(rollout, "", "").value()});
  EXPECT_EQ(rollout.current, "v1");
  // and there is nothing before the first one
  EXPECT_EQ(DecideRollBack(rollout, "", "").error().code, Code::kFailedPrecondition);
}

TEST(Rollouts, GoingBackToOneByNameForgetsThoseAfterIt) {
  Rollout rollout = Folded({Applied{"v1"}, Applied{"v2"}, Applied{"v3"}, Applied{"v4"}});
  Fold(rollout, {9, DecideRollBack(rollout, "v2", "").value()});
  EXPECT_EQ(rollout.current, "v2");
  EXPECT_EQ(rollout.earlier, Versions{"v1"});
  EXPECT_EQ(DecideRollBack(rollout, "v2", "").error().code, Code::kFailedPrecondition);
}

TEST(Rollouts, ACanaryIsPromotedOrEnded) {
  const CanaryRule rule{.percent = 10};
  Rollout rollout = Folded({Applied{"v1"}});
  Fold(rollout, {9, *DecideCanary(rollout, "v2", rule, 7).value()});
  ASSERT_TRUE(rollout.canary);
  EXPECT_EQ(rollout.canary->version, "v2");
  EXPECT_EQ(rollout.canary->started_ms, 9);
  EXPECT_EQ(rollout.canary->after_task, 7);
  EXPECT_EQ(rollout.current, "v1");
  // promoted
  EXPECT_EQ(DecidePromote(rollout, "v9").error().code, Code::kFailedPrecondition);
  Rollout promoted = rollout;
  Fold(promoted, {10, DecidePromote(promoted, "").value()});
  EXPECT_EQ(promoted.current, "v2");
  EXPECT_FALSE(promoted.canary);
  EXPECT_EQ(promoted.previous(), "v1");
  // ended: what was current stays so
  Rollout ended = rollout;
  Fold(ended, {10, DecideRollBack(ended, "", "enough").value()});
  EXPECT_EQ(ended.current, "v1");
  EXPECT_FALSE(ended.canary);
  EXPECT_EQ(ended.previous(), "");
  EXPECT_TRUE(WasRolledBack(ended, "v2"));
  EXPECT_EQ(DecidePromote(ended, "v2").error().code, Code::kFailedPrecondition);
  // and what was rolled back may be applied again
  Fold(ended, {11, *DecideApply(ended, "v2")});
  EXPECT_FALSE(WasRolledBack(ended, "v2"));
}

using Outcome = AtStart::Outcome;

// What a start with this version's file leads to, folded.
Outcome Start(Rollout& rollout, const std::string& version) {
  const AtStart start = DecideAtStart(rollout, version);
  if (start.what) Fold(rollout, {99, *start.what});
  return start.outcome;
}

TEST(Starts, TheFirstFileIsAppliedAndTheSameAgainChangesNothing) {
  Rollout rollout;
  EXPECT_EQ(Start(rollout, "v1"), Outcome::kApplied);
  EXPECT_EQ(rollout.current, "v1");
  EXPECT_EQ(Start(rollout, "v1"), Outcome::kAsBefore);
  EXPECT_EQ(rollout.history.size(), 1u) << "a start that changes nothing is not written down again and again";
}

TEST(Starts, WhatWasDecidedSinceHoldsOverAnUnchangedFile) {
  Rollout rollout;
  Start(rollout, "v1");
  for (const What& what : {What(Applied{"v2"}), What(Promoted{"v3"}), What(RolledBack{"v3", "v2", ""})}) {
    Fold(rollout, {9, what});
    const std::string current = rollout.current;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(Start(rollout, "v1"), Outcome::kUnchanged);
    EXPECT_EQ(rollout.current, current);
  }
  // but a changed one is a wish
  EXPECT_EQ(Start(rollout, "v4"), Outcome::kApplied);
  EXPECT_EQ(rollout.current, "v4");
  // and so is the one from before, once the file was another
  EXPECT_EQ(Start(rollout, "v1"), Outcome::kApplied);
  EXPECT_EQ(rollout.current, "v1");
}

TEST(Starts, AFileThatWasDecidedOnSinceTheLastStartIsNotNew) {
  // given a file that was changed and handed over by hand, and then another one
  Rollout rollout;
  Start(rollout, "v1");
  Fold(rollout, {9, Applied{"v2"}});
  Fold(rollout, {10, Applied{"v3"}});
  EXPECT_EQ(Start(rollout, "v2"), Outcome::kDecidedSince);
  EXPECT_EQ(rollout.current, "v3");
  // or gone back to, and on from there
  Fold(rollout, {11, RolledBack{"v3", "v1", ""}});
  Fold(rollout, {12, Applied{"v4"}});
  EXPECT_EQ(Start(rollout, "v1"), Outcome::kDecidedSince);
  EXPECT_EQ(rollout.current, "v4");
  // what was decided before the last start is another matter
  EXPECT_EQ(Start(rollout, "v2"), Outcome::kApplied);
}

TEST(Starts, ACanaryGoesOn) {
  const CanaryRule rule{.percent = 10};
  Rollout rollout;
  Start(rollout, "v1");
  Fold(rollout, {9, CanaryStarted{"v2", rule, 7}});
  // beside the old file, and beside a file that holds it
  EXPECT_EQ(Start(rollout, "v1"), Outcome::kAsBefore);
  EXPECT_EQ(Start(rollout, "v2"), Outcome::kOnTrial);
  ASSERT_TRUE(rollout.canary);
  EXPECT_EQ(rollout.canary->version, "v2");
  EXPECT_EQ(rollout.canary->after_task, 7);
  EXPECT_EQ(rollout.current, "v1");
  // rolled back it stays so, however new the file
  Fold(rollout, {10, DecideAutomaticRollBack(rollout, "it fails")});
  EXPECT_EQ(Start(rollout, "v1"), Outcome::kAsBefore);
  EXPECT_EQ(Start(rollout, "v2"), Outcome::kRolledBack);
  EXPECT_EQ(Start(rollout, "v2"), Outcome::kRolledBack);
  EXPECT_EQ(rollout.current, "v1");
  EXPECT_TRUE(WasRolledBack(rollout, "v2"));
}

TEST(Starts, AJournalOfBeforeStartsWereWrittenDownHolds) {
  Rollout rollout = Folded({Applied{"v1"}, Applied{"v2"}, Promoted{"v3"}});
  EXPECT_EQ(Start(rollout, "v1"), Outcome::kDecidedSince);
  EXPECT_EQ(rollout.current, "v3");
  EXPECT_EQ(Start(rollout, "v1"), Outcome::kUnchanged);
  EXPECT_EQ(Start(rollout, "v4"), Outcome::kApplied);
}

TEST(Rollouts, AnotherShareIsCountedOnAnotherVersionAnew) {
  Rollout rollout = Folded({Applied{"v1"}, CanaryStarted{"v2", {.percent = 10}, 7}});
  EXPECT_FALSE(DecideCanary(rollout, "v2", {.percent = 10}, 100).value()) << "all is so already";
  const auto wider = std::get<CanaryStarted>(*DecideCanary(rollout, "v2", {.percent = 50}, 100).value());
  EXPECT_EQ(wider.after_task, 7);
  const auto other = std::get<CanaryStarted>(*DecideCanary(rollout, "v3", {.percent = 50}, 100).value());
  EXPECT_EQ(other.after_task, 100);
  // the current version is no canary of its own
  EXPECT_FALSE(DecideCanary(rollout, "v1", {.percent = 50}, 100).value());
}

TEST(Rollouts, WrongWishesAreRefused) {
  const Rollout none;
  EXPECT_EQ(DecideCanary(none, "v1", {.percent = 10}, 0).error().code, Code::kFailedPrecondition);
  const Rollout rollout = Folded({Applied{"v1"}, CanaryStarted{"v2", {.percent = 10}, 0}});
  for (const CanaryRule& rule :
       {CanaryRule{.percent = 0}, CanaryRule{.percent = 100}, CanaryRule{.percent = 5, .min_tasks = -1},
        CanaryRule{.percent = 5, .min_tasks = 1, .margin_percent = 101}, CanaryRule{.percent = 5, .min_checks = 0},
        CanaryRule{.percent = 5, .unsure_margin_percent = 101},
        CanaryRule{.percent = 5, .differing_margin_percent = -1}}) {
    EXPECT_EQ(DecideCanary(rollout, "v3", rule, 0).error().code, Code::kInvalidArgument);
  }
  EXPECT_EQ(DecideRollBack(rollout, "v2", "").error().code, Code::kFailedPrecondition) << "that is the canary";
}

TEST(Rollouts, HistoryAndEarlierVersionsAreBounded) {
  Rollout rollout;
  for (int i = 0; i < 1'500; ++i) Fold(rollout, {i, Applied{"v" + std::to_string(i)}});
  EXPECT_EQ(rollout.history.size(), kMaxHistory);
  EXPECT_EQ(rollout.history.back().time_ms, 1'499);
  EXPECT_EQ(rollout.earlier.size(), kMaxEarlier);
  EXPECT_EQ(rollout.previous(), "v1498");
}

}  // namespace
}  // namespace troupe::rollout
