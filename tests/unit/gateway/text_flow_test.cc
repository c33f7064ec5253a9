// Text on its way to the journal: kept while nobody watches, one record for each group commit once somebody does.
#include "router/gateway/text_flow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TextWatcher final : public RecordsSink {
 public:
  v1::Detail detail() const override { return v1::DETAIL_TEXT; }
  void OnDurable(std::span<const SharedRecord>, int64_t, Task) override {}
  void OnRouterStops() override {}
};

class TextFlowTest : public testing::Test {
 protected:
  void Watch() { followers_.Follow(std::make_shared<TextWatcher>()); }
  std::vector<std::string> Taken() { return std::exchange(taken_, {}); }

  Followers followers_;
  std::vector<std::string> taken_;
  TextFlow flow_{followers_, [this](core::StepProgress progress) { taken_.push_back(progress.text); }};
};

TEST_F(TextFlowTest, IsKeptUntilSomebodyWatches) {
  EXPECT_FALSE(flow_.Add("a", 1, "one ", 1));
  EXPECT_FALSE(flow_.Add("a", 1, "two ", 2));
  Watch();
  EXPECT_TRUE(flow_.OnWatcher());
  EXPECT_THAT(Taken(), ElementsAre("one two "));
}

TEST_F(TextFlowTest, WhatComesWhileSomeIsOnItsWayWaitsForItToBeDurableAndTold) {
  Watch();
  EXPECT_TRUE(flow_.Add("a", 1, "one ", 1));
  EXPECT_FALSE(flow_.Add("a", 1, "two ", 2));
  flow_.OnTaken(5);
  EXPECT_FALSE(flow_.OnDurable(4));
  EXPECT_FALSE(flow_.Add("a", 1, "three ", 3));
  EXPECT_THAT(Taken(), ElementsAre("one "));
  EXPECT_TRUE(flow_.OnDurable(5));
  // and for those who watch to have had their turn
  EXPECT_FALSE(flow_.Add("a", 1, "four ", 4));
  EXPECT_FALSE(flow_.OnDurable(6)) << "once for each";
  EXPECT_THAT(Taken(), IsEmpty());
  EXPECT_TRUE(flow_.OnTold());
  EXPECT_THAT(Taken(), ElementsAre("two three four "));
}

TEST_F(TextFlowTest, TextThatCameTooLateHoldsUpNothing) {
  Watch();
  EXPECT_TRUE(flow_.Add("a", 1, "one ", 1));
  flow_.OnTaken(std::nullopt);
  EXPECT_TRUE(flow_.Add("b", 1, "two ", 1));
}

TEST_F(TextFlowTest, WhatIsLeftOfAnAttemptComesBeforeItsEnd) {
  // given one whose text nobody has watched, and one that is recorded in part
  flow_.Add("a", 1, "unseen", 1);
  flow_.End("a", 1);
  EXPECT_THAT(Taken(), IsEmpty()) << "records hold all of it or nothing";
  flow_.MarkRecorded("b", 1);
  flow_.Add("b", 1, "rest", 9);
  flow_.End("b", 1);
  EXPECT_THAT(Taken(), ElementsAre("rest"));
}

TEST_F(TextFlowTest, MuchTextIsRecordedAlthoughNobodyWatches) {
  EXPECT_FALSE(flow_.Add("a", 1, std::string(64u << 10, 'x'), 1));
  EXPECT_TRUE(flow_.Add("a", 1, "x", 2));
  EXPECT_EQ(Taken().at(0).size(), (64u << 10) + 1);
}

TEST_F(TextFlowTest, MuchTextDoesNotWaitForWatchersToHaveHadTheirTurn) {
  Watch();
  EXPECT_TRUE(flow_.Add("a", 1, "one ", 1));
  flow_.OnTaken(5);
  EXPECT_FALSE(flow_.Add("a", 1, std::string(64u << 10, 'x'), 2)) << "for the disk it does";
  EXPECT_TRUE(flow_.OnDurable(5));
  EXPECT_TRUE(flow_.Add("a", 1, "y", 3));
  flow_.OnTaken(6);
  EXPECT_EQ(Taken().at(1).size(), (64u << 10) + 1);
  // and their turn lets nothing overtake it on its way to the disk
  EXPECT_FALSE(flow_.Add("a", 1, "z", 4));
  EXPECT_FALSE(flow_.OnTold());
  EXPECT_TRUE(flow_.OnDurable(6));
  EXPECT_TRUE(flow_.OnTold());
  EXPECT_THAT(Taken(), ElementsAre("z"));
}

TEST_F(TextFlowTest, WhatIsForgottenIsNeverHandedOver) {
  flow_.Add("a", 1, "one", 1);
  flow_.Forget("a", 1);
  Watch();
  EXPECT_FALSE(flow_.OnWatcher());
}

}  // namespace
}  // namespace troupe::gateway
