// A second try beside a slow one, in simulated time: fake tries, and a clock and timers that the test moves.
#include "router/dispatch/hedged_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace troupe::dispatch {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class FakeTry final : public StepTry {
 public:
  FakeTry(StepOrder o, std::shared_ptr<StepListener> l) : order(std::move(o)), listener(std::move(l)) {}
  void Start() override {}
  bool StartElsewhere(const Where& not_there) override {
    elsewhere_than = not_there.replica;
    if (on_elsewhere) on_elsewhere();
    return has_room;
  }
  std::optional<Where> where() override { return is_placed ? std::optional(Where{"writer-0", 0}) : std::nullopt; }
  void Cancel() override { cancelled = true; }

  void Say(const std::string& text, int64_t tokens) { listener->OnStepText("a", 1, text, tokens); }
  void Done(const std::string& output, core::Usage usage) {
    StepOutcome outcome{.output = Value(output), .usage = usage};
    outcome.site.reason = "least busy";
    listener->OnStepEnd("a", 1, std::move(outcome));
  }
  void Fail(Code code, core::Usage usage = {}) {
    listener->OnStepEnd("a", 1, StepOutcome{.output = Error{code, "broke"}, .usage = usage});
  }

  const StepOrder order;
  const std::shared_ptr<StepListener> listener;
  std::string elsewhere_than;
  std::function<void()> on_elsewhere;
  bool has_room = true;
  bool is_placed = true;
  bool cancelled = false;
};

class Task final : public StepListener {
 public:
  void OnStepText(const std::string&, int, std::string text, int64_t) override { said += text; }
  void OnStepEnd(const std::string&, int, StepOutcome outcome) override { ends.push_back(std::move(outcome)); }
  std::string said;
  std::vector<StepOutcome> ends;
};

class HedgedRunTest : public testing::Test {
 protected:
  // An agent whose steps have taken 10 ms so far, and a share that has been saved up.
  HedgedRunTest() {
    for (int i = 0; i < 100; ++i) {
      policy_->OnStart(5);
      policy_->OnHeard(10'000);
    }
  }
  // A run that has not ended and its tries hold each other.
  ~HedgedRunTest() override {
    if (run_) run_->Cancel();
  }
  void Start(int64_t timeout_ms = 0) {
    HedgeTools tools{.make =
                         [this](StepOrder order, std::shared_ptr<StepListener> ear) {
                           auto made = std::make_shared<FakeTry>(std::move(order), std::move(ear));
                           if (tries_.size() == 1) made->has_room = has_room_;
                           if (tries_.size() == 1) made->on_elsewhere = on_elsewhere_;
                           tries_.push_back(made);
                           return made;
                         },
                     .after = [this](int64_t ms, std::function<void()> work) { timers_.push_back({ms, work}); },
                     .clock = clock_,
                     .census = census_};
    StepOrder order;
    order.key = "t/a/1";
    order.path = "a";
    order.hedge_percent = 5;
    order.timeout_ms = timeout_ms;
    run_ = std::make_shared<HedgedRun>(order, task_, policy_, std::move(tools));
    run_->Start();
  }
  // The first try is silent for too long.
  void BecomeSlow() {
    ASSERT_EQ(timers_.size(), 1u);
    clock_.Advance(timers_[0].first);
    timers_[0].second();
  }
  FakeTry& first() { return *tries_.at(0); }
  FakeTry& second() { return *tries_.at(1); }

  ManualClock clock_;
  Census census_;
  bool has_room_ = true;
  std::function<void()> on_elsewhere_;
  std::vector<std::shared_ptr<FakeTry>> tries_;
  std::vector<std::pair<int64_t, std::function<void()>>> timers_;
  const std::shared_ptr<HedgePolicy> policy_ = std::make_shared<HedgePolicy>();
  const std::shared_ptr<Task> task_ = std::make_shared<Task>();
  std::shared_ptr<HedgedRun> run_;
};

TEST_F(HedgedRunTest, AStepThatIsFastHasNoSecondTry) {
  Start();
  first().Done("x", {.generated_tokens = 3});
  BecomeSlow();
  EXPECT_EQ(tries_.size(), 1u);
  ASSERT_EQ(task_->ends.size(), 1u);
  EXPECT_EQ(task_->ends[0].usage.generated_tokens, 3);
  EXPECT_EQ(task_->ends[0].site.reason, "least busy");
}

TEST_F(HedgedRunTest, TheSecondTryGoesElsewhereAndMayWin) {
  Start(1000);
  BecomeSlow();
  ASSERT_EQ(tries_.size(), 2u);
  EXPECT_EQ(second().elsewhere_than, "writer-0");
  EXPECT_EQ(second().order.key, "t/a/1/hedge");
  EXPECT_EQ(second().order.timeout_ms, 989) << "what is left";
  clock_.Advance(4);
  second().Done("x", {.generated_tokens = 3, .device_us = 4000});
  EXPECT_TRUE(first().cancelled);
  ASSERT_EQ(task_->ends.size(), 1u);
  // then it cost what both did: 15 ms and 4 ms, and as many tokens again
  EXPECT_EQ(task_->ends[0].usage.device_us, 15'000 + 4'000);
  EXPECT_EQ(task_->ends[0].usage.generated_tokens, 6);
  EXPECT_EQ(task_->ends[0].site.reason, "least busy; hedged: writer-0 was silent for 11 ms, this one was faster");
  // and nobody hears of the other any more
  first().Done("y", {});
  EXPECT_EQ(task_->ends.size(), 1u);
}

TEST_F(HedgedRunTest, TheFirstToSpeakIsTheOne) {
  Start();
  BecomeSlow();
  second().Say("he", 1);
  EXPECT_TRUE(first().cancelled);
  first().Say("NO", 1);
  second().Say("llo", 2);
  second().Done("hello", {.generated_tokens = 40});
  EXPECT_EQ(task_->said, "hello");
  EXPECT_EQ(task_->ends.at(0).usage.generated_tokens, 41) << "the other had written one at most";
}

TEST_F(HedgedRunTest, WhereTheFirstIsFasterTheSecondIsCancelled) {
  Start();
  BecomeSlow();
  clock_.Advance(1);
  first().Done("x", {.device_us = 12'000});
  EXPECT_TRUE(second().cancelled);
  EXPECT_EQ(task_->ends.at(0).usage.device_us, 13'000);
  EXPECT_THAT(task_->ends.at(0).site.reason, HasSubstr("a second try was no faster"));
}

TEST_F(HedgedRunTest, AFailureWaitsForTheOther) {
  Start();
  BecomeSlow();
  first().Fail(Code::kUnavailable, {.device_us = 5});
  EXPECT_THAT(task_->ends, IsEmpty());
  second().Done("x", {.device_us = 7});
  ASSERT_EQ(task_->ends.size(), 1u);
  EXPECT_TRUE(task_->ends[0].output);
  EXPECT_EQ(task_->ends[0].usage.device_us, 12);
}

TEST_F(HedgedRunTest, WhereBothFailTheStepFailsOnce) {
  Start();
  BecomeSlow();
  second().Fail(Code::kInternal, {.device_us = 5});
  EXPECT_THAT(task_->ends, IsEmpty());
  first().Fail(Code::kUnavailable, {.device_us = 7});
  ASSERT_EQ(task_->ends.size(), 1u);
  EXPECT_EQ(task_->ends[0].output.error().code, Code::kUnavailable);
  EXPECT_EQ(task_->ends[0].usage.device_us, 12);
}

TEST_F(HedgedRunTest, WhereNobodyElseHasRoomTheFirstGoesOnAlone) {
  has_room_ = false;
  Start();
  BecomeSlow();
  first().Done("x", {.device_us = 7});
  EXPECT_EQ(task_->ends.at(0).usage.device_us, 7);
  EXPECT_EQ(task_->ends.at(0).site.reason, "least busy");
  // and the share is not used up
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(policy_->Take());
}

TEST_F(HedgedRunTest, AFirstThatFailsWhileNobodyElseIsFoundStillEnds) {
  has_room_ = false;
  on_elsewhere_ = [this] { first().Fail(Code::kInternal); };
  Start();
  BecomeSlow();
  ASSERT_EQ(task_->ends.size(), 1u);
  EXPECT_EQ(task_->ends[0].output.error().code, Code::kInternal);
}

TEST_F(HedgedRunTest, OneThatWaitsForAReplicaHasNoSecondTry) {
  Start();
  first().is_placed = false;
  BecomeSlow();
  EXPECT_EQ(tries_.size(), 1u);
}

TEST_F(HedgedRunTest, NoMoreThanTheShare) {
  while (policy_->Take()) {
  }
  Start();
  BecomeSlow();
  EXPECT_EQ(tries_.size(), 1u);
}

TEST_F(HedgedRunTest, CancellingStopsBoth) {
  Start();
  BecomeSlow();
  run_->Cancel();
  EXPECT_TRUE(first().cancelled);
  EXPECT_TRUE(second().cancelled);
  second().Done("x", {});
  EXPECT_THAT(task_->ends, IsEmpty());
}

}  // namespace
}  // namespace troupe::dispatch
