// A store behind memory: what it brings, and that its failures cost time and nothing else.
#include <gmock/gmock.h>

#include <algorithm>
#include <future>

#include "tests/unit/answers/fake_backend.h"
#include "tests/unit/answers/fake_store.h"

namespace troupe::answers {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Mood = Shelf::Mood;

class BehindTest : public AnswersTest {
 protected:
  BehindTest() { Restart(); }
  void TearDown() override {
    if (router_) router_->Stop();
    AnswersTest::TearDown();
  }
  std::unique_ptr<Answers> Router() {
    AnswersOptions options{.memory_bytes = 1u << 20, .log = [this](const std::string& line) {
                             const std::lock_guard lock(mutex_);
                             log_.push_back(line);
                           }};
    options.behind.share_every_ms = 5;
    options.behind.limit_ms = 20;
    options.behind.start_limit_ms = 50;
    return std::make_unique<Answers>(options, Actors(), timers_, clock_, std::make_unique<FakeStore>(shelf_));
  }
  // The one that is asked, with the same store and nothing in memory.
  void Restart() {
    if (router_) router_->Stop();
    router_ = Router();
    asked_ = router_.get();
  }
  size_t LinesWith(const std::string& text) const {
    const std::lock_guard lock(mutex_);
    return static_cast<size_t>(std::count_if(
        log_.begin(), log_.end(), [&](const std::string& line) { return line.find(text) != std::string::npos; }));
  }
  int gets() const {
    const std::lock_guard lock(shelf_->mutex);
    return shelf_->gets;
  }
  // A question whose answer is made now.
  void Make(const std::string& text, const Value& answer) {
    const size_t before = made();
    const auto ear = Start(text);
    Made(before).Done(answer);
    EXPECT_EQ(*ear->End().output, answer);
  }
  Status Purge(Answers& router) {
    std::promise<Status> done;
    router.Purge("g", "a", [&](const Status& status) { done.set_value(status); });
    return done.get_future().get();
  }

  const std::shared_ptr<Shelf> shelf_ = std::make_shared<Shelf>();
  std::vector<std::string> log_;
  std::unique_ptr<Answers> router_;
};

TEST_F(BehindTest, AnAnswerOutlivesTheRouter) {
  // given
  Make("hello", "hi");
  // when
  Restart();
  // then
  const auto again = Start("hello");
  EXPECT_EQ(*again->End().output, "hi");
  EXPECT_EQ(again->End().site.replica, "cache");
  EXPECT_EQ(tally().exact, 1);
  EXPECT_EQ(made(), 1u);
  // and from then on it is at hand
  const int asked = gets();
  EXPECT_EQ(*Start("hello")->End().output, "hi");
  EXPECT_EQ(gets(), asked);
}

TEST_F(BehindTest, WhatIsNoLongerFreshIsGivenAndMadeAnew) {
  Make("hello", "old");
  clock_.Advance(90 * 60'000);
  Restart();
  const auto again = Start("hello");
  EXPECT_EQ(*again->End().output, "old");
  EXPECT_THAT(again->End().site.reason, HasSubstr("no longer fresh"));
  EXPECT_EQ(Made(1).order.priority, 0);
  Made(1).Done("new");
  EXPECT_EQ(tally().stale, 1);
  EXPECT_TRUE(Eventually("the new one is given", [&] { return *Start("hello")->End().output == "new"; }));
}

TEST_F(BehindTest, EqualStepsAtOnceAskItOnce) {
  // given a store that takes its time
  shelf_->Become(Mood::kSilent);
  std::vector<std::shared_ptr<Ear>> ears;
  for (int i = 0; i < 20; ++i) ears.push_back(Start("hello"));
  ASSERT_TRUE(Eventually("all have come", [&] { return router_->waiting() == 19; }));
  // when it is too late
  Made(0).Done("hi");
  // then
  for (const auto& ear : ears) EXPECT_EQ(*ear->End().output, "hi");
  EXPECT_EQ(made(), 1u);
  EXPECT_EQ(tally().waited, 19);
}

TEST_F(BehindTest, OneThatSaysNothingIsWaitedForAMomentAndThenLeftAlone) {
  // given
  shelf_->Become(Mood::kSilent);
  for (size_t i = 0; i < 3; ++i) {
    const auto ear = Start(std::to_string(i));
    Made(i).Done("made");
    EXPECT_EQ(*ear->End().output, "made");
  }
  EXPECT_EQ(LinesWith("is left alone"), 1u);
  EXPECT_FALSE(router_->behind()->in_use());
  // then it is asked no more, whatever comes
  shelf_->Become(Mood::kWell);
  const int asked = gets();
  Make("more", "made");
  EXPECT_EQ(gets(), asked);
  // and is used again when it answers and some time has passed
  clock_.Advance(1'000);
  EXPECT_TRUE(Eventually("it is used again", [&] { return router_->behind()->in_use(); }));
  EXPECT_EQ(LinesWith("answers again"), 1u);
  Make("even more", "kept");
  Restart();
  EXPECT_EQ(*Start("even more")->End().output, "kept");
}

TEST_F(BehindTest, OneThatFailsFailsNobody) {
  shelf_->Become(Mood::kFails);
  for (int i = 0; i < 10; ++i) Make(std::to_string(i), "made");
  EXPECT_EQ(LinesWith("is left alone"), 1u);
  EXPECT_EQ(LinesWith("answers again"), 0u);
  // and the router starts without it
  Restart();
  EXPECT_EQ(LinesWith("fake does not answer; answers are kept in memory only"), 1u);
  Make("hello", "hi");
  EXPECT_EQ(*Start("hello")->End().output, "hi");
  shelf_->Become(Mood::kWell);
  EXPECT_TRUE(Eventually("it is used", [&] { return router_->behind()->in_use(); }));
  EXPECT_EQ(LinesWith("answers again"), 1u);
}

TEST_F(BehindTest, AFullOneIsStillRead) {
  Make("hello", "hi");
  shelf_->Become(Mood::kReadOnly);
  for (int i = 0; i < 10; ++i) Make(std::to_string(i), "made");
  EXPECT_EQ(LinesWith("cannot be written"), 1u);
  Restart();
  EXPECT_EQ(*Start("hello")->End().output, "hi");
}

TEST_F(BehindTest, APurgeOutlivesTheRouter) {
  Make("hello", "old");
  EXPECT_TRUE(Purge(*router_));
  Restart();
  const size_t before = made();
  const auto again = Start("hello");
  Made(before).Done("new");
  EXPECT_EQ(*again->End().output, "new");
}

TEST_F(BehindTest, APurgeHoldsForAllWhoShareTheStore) {
  // given two routers with one answer in both their memories
  const auto other = Router();
  Make("hello", "old");
  asked_ = other.get();
  EXPECT_EQ(*Start("hello")->End().output, "old");
  // when
  EXPECT_TRUE(Purge(*router_));
  // then
  EXPECT_TRUE(Eventually("the other one takes notice", [&] {
    const size_t before = made();
    Start("hello");
    return Eventually("it is asked or not", [&] { return made() > before; }, std::chrono::milliseconds(50));
  }));
  Made(1).Done("new");
  // and what is made from then on is shared again
  asked_ = router_.get();
  EXPECT_EQ(*Start("hello")->End().output, "new");
  other->Stop();
}

TEST_F(BehindTest, APurgeThatTheStoreDoesNotHearOfHoldsHereAndIsToldLater) {
  // given
  Make("hello", "old");
  shelf_->Become(Mood::kFails);
  // when
  const Status purged = Purge(*router_);
  // then
  ASSERT_FALSE(purged);
  EXPECT_EQ(purged.error().code, Code::kUnavailable);
  EXPECT_THAT(purged.error().message, HasSubstr("thrown away here"));
  const size_t before = made();
  const auto again = Start("hello");
  Made(before).Done("new");
  EXPECT_EQ(*again->End().output, "new");
  shelf_->Become(Mood::kWell);
  EXPECT_TRUE(Eventually("the store counts it", [&] {
    const std::lock_guard lock(shelf_->mutex);
    return shelf_->purges["g/a"] > 0;
  }));
}

TEST_F(BehindTest, AStoreThatHasLostItsPurgesIsTold) {
  EXPECT_TRUE(Purge(*router_));
  {
    const std::lock_guard lock(shelf_->mutex);
    shelf_->purges.clear();
  }
  EXPECT_TRUE(Eventually("it counts again", [&] {
    const std::lock_guard lock(shelf_->mutex);
    return shelf_->purges["g/a"] == 1;
  }));
}

TEST_F(BehindTest, AStepThatIsCancelledWhileItWaitsForTheStoreIsNotMade) {
  shelf_->Become(Mood::kSilent);
  const auto cancelled = Start("hello");
  EXPECT_TRUE(Eventually("it waits", [&] { return router_->flights() == 1; }));
  calls_.back()->Cancel();
  EXPECT_EQ(router_->flights(), 0u);
  const auto other = Start("other");
  Made(0).Done("made");
  EXPECT_EQ(Made(0).order.input_json, R"({"text":"other"})");
  EXPECT_EQ(cancelled->ends(), 0u);
}

TEST_F(BehindTest, AWholeGraphsAnswerOutlivesTheRouterToo) {
  // given
  auto graph = std::make_shared<graph::Graph>(*graph_);
  graph->cache = graph_->root.steps[0].agent->cache;
  const GraphQuestion question{.graph = graph.get(), .input_json = "{}"};
  const auto find = [&] {
    std::promise<std::optional<Answers::GraphAnswer>> found;
    asked_->FindGraph(graph, asked_->NameOf(question), [&](auto answer) { found.set_value(std::move(answer)); });
    return found.get_future().get();
  };
  EXPECT_FALSE(find());
  asked_->KeepGraph(*graph, asked_->NameOf(question),
                    {.task_id = "t1", .output_json = "\"hi\"", .made_at_ms = clock_.NowMs()});
  // when
  Restart();
  // then
  const auto found = find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->task_id, "t1");
  EXPECT_EQ(found->output_json, "\"hi\"");
  // and what is no graph's answer under that name is none
  {
    const std::lock_guard lock(shelf_->mutex);
    for (auto& [key, entry] : shelf_->entries) entry.answer = "null";
  }
  Restart();
  EXPECT_FALSE(find());
}

}  // namespace
}  // namespace troupe::answers
