// Whose turn it is to be written to, and how many are at once.
#include "router/gateway/delivery_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <string>
#include <vector>

namespace troupe::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FakeDelivery final : public DeliveryGate::Delivery {
 public:
  FakeDelivery(std::string name, std::vector<std::string>& turns) : name_(std::move(name)), turns_(turns) {}
  Use OnPermit(DeliveryGate::Permit given) override {
    turns_.push_back(name_);
    permit = given;
    if (on_permit) on_permit();
    return use;
  }
  DeliveryGate::Permit permit{};
  Use use = Use::kWriting;
  std::function<void()> on_permit;

 private:
  const std::string name_;
  std::vector<std::string>& turns_;
};

class DeliveryGateTest : public testing::Test {
 protected:
  static constexpr journal::TaskKey kCrowded = 1, kQuiet = 2;

  std::shared_ptr<FakeDelivery> Enter(const std::string& name, journal::TaskKey task = kCrowded) {
    auto delivery = std::make_shared<FakeDelivery>(name, turns_);
    gate_.Enter(task, delivery);
    return delivery;
  }
  std::vector<std::string> Turns() { return std::exchange(turns_, {}); }

  ManualClock clock_;
  DeliveryGate gate_{{.at_once = 2, .limit_ms = 10}, clock_, nullptr};
  std::vector<std::string> turns_;
};

TEST_F(DeliveryGateTest, LetsInSoManyAndTheNextOnceOneIsWritten) {
  const auto a = Enter("a"), b = Enter("b"), c = Enter("c"), d = Enter("d");
  EXPECT_THAT(Turns(), ElementsAre("a", "b"));
  gate_.Leave(b->permit);
  EXPECT_THAT(Turns(), ElementsAre("c"));
  // one permit is given back once
  gate_.Leave(b->permit);
  EXPECT_THAT(Turns(), IsEmpty());
  gate_.Leave(c->permit);
  EXPECT_THAT(Turns(), ElementsAre("d"));
}

TEST_F(DeliveryGateTest, TasksTakeTurnsSoThatACrowdMakesItselfWait) {
  // given a crowd that watches one task, and is written to
  std::vector<std::shared_ptr<FakeDelivery>> crowd;
  for (const char* name : {"1", "2", "3", "4", "5"}) crowd.push_back(Enter(name));
  // when others come to a task with hardly anybody
  const auto x = Enter("x", kQuiet), y = Enter("y", kQuiet);
  EXPECT_THAT(Turns(), ElementsAre("1", "2"));
  // then they wait for one of the crowd each, not for all
  gate_.Leave(crowd[0]->permit);
  gate_.Leave(crowd[1]->permit);
  gate_.Leave(crowd[2]->permit);
  gate_.Leave(x->permit);
  EXPECT_THAT(Turns(), ElementsAre("3", "x", "4", "y"));
  gate_.Leave(y->permit);
  EXPECT_THAT(Turns(), ElementsAre("5"));
}

TEST_F(DeliveryGateTest, OneWhoseClientDoesNotReadLosesItsPermit) {
  const auto hung = Enter("hung");
  clock_.Advance(4);
  const auto b = Enter("b"), c = Enter("c");
  clock_.Advance(5);
  gate_.Check();
  EXPECT_THAT(Turns(), ElementsAre("hung", "b"));
  clock_.Advance(1);
  gate_.Check();
  EXPECT_THAT(Turns(), ElementsAre("c"));
  // when it is written after all, then that makes room for nobody
  const auto d = Enter("d");
  gate_.Leave(hung->permit);
  EXPECT_THAT(Turns(), IsEmpty());
  clock_.Advance(4);
  gate_.Check();
  EXPECT_THAT(Turns(), ElementsAre("d")) << "b has had its time too, c has not";
}

TEST_F(DeliveryGateTest, OneThatNeedsItNoLongerOrIsGoneTakesNoTurnFromOthers) {
  const auto a = Enter("a"), b = Enter("b");
  auto gone = Enter("gone"), other = Enter("other", kQuiet);
  const auto nothing = Enter("nothing"), last = Enter("last");
  nothing->use = FakeDelivery::Use::kNothing;
  gone.reset();
  gate_.Leave(a->permit);
  EXPECT_THAT(Turns(), ElementsAre("a", "b", "nothing", "other")) << "who is gone had no turn of its task";
  gate_.Leave(other->permit);
  EXPECT_THAT(Turns(), ElementsAre("last"));
}

TEST_F(DeliveryGateTest, OneMayComeAgainWhileItIsItsTurn) {
  const auto again = std::make_shared<FakeDelivery>("again", turns_);
  again->use = FakeDelivery::Use::kNothing;
  int left = 3;
  again->on_permit = [&] {
    if (left-- > 0) gate_.Enter(kCrowded, again);
  };
  gate_.Enter(kCrowded, again);
  EXPECT_EQ(Turns().size(), 4u);
  // and what it had is free again
  const auto a = Enter("a"), b = Enter("b"), c = Enter("c");
  EXPECT_THAT(Turns(), ElementsAre("a", "b"));
}

TEST_F(DeliveryGateTest, ManyThatNeedNothingAreLetThroughOneByOne) {
  // given very many whose clients have gone meanwhile: no call within a call for each
  std::vector<std::shared_ptr<FakeDelivery>> many;
  const auto a = Enter("a"), b = Enter("b");
  for (int i = 0; i < 200'000; ++i) {
    many.push_back(Enter("one"));
    many.back()->use = FakeDelivery::Use::kNothing;
  }
  const auto last = Enter("last");
  EXPECT_EQ(Turns().size(), 2u);
  gate_.Leave(a->permit);
  EXPECT_EQ(turns_.size(), 200'001u);
  EXPECT_EQ(turns_.back(), "last");
}

TEST(DeliveryGateWithTimers, LooksForThoseThatHangByItself) {
  dispatch::Timers timers;
  DeliveryGate gate({.at_once = 1, .limit_ms = 1}, SystemClock(), &timers);
  std::vector<std::string> turns;
  std::promise<void> told;
  const auto hung = std::make_shared<FakeDelivery>("hung", turns);
  const auto next = std::make_shared<FakeDelivery>("next", turns);
  const auto last = std::make_shared<FakeDelivery>("last", turns);
  last->on_permit = [&] { told.set_value(); };
  for (const auto& one : {hung, next, last}) gate.Enter(1, one);
  ASSERT_EQ(told.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
  timers.Stop();
  EXPECT_THAT(turns, ElementsAre("hung", "next", "last"));
}

}  // namespace
}  // namespace troupe::gateway
