// Steps that take a text apart with an agent's help, the agent being the test.
#include "router/dispatch/planner_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>

namespace troupe::dispatch {
namespace {

using ::testing::HasSubstr;

// Takes the step's end, on any thread.
class Listener final : public StepListener {
 public:
  void OnStepText(const std::string&, int, std::string, int64_t) override {}
  void OnStepEnd(const std::string&, int, StepOutcome outcome) override {
    const std::lock_guard lock(mutex_);
    outcome_ = std::move(outcome);
    ended_.notify_all();
  }
  StepOutcome Wait() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(ended_.wait_for(lock, std::chrono::seconds(20), [this] { return outcome_.has_value(); }));
    return outcome_.value_or(StepOutcome{});
  }
  bool ended() {
    const std::lock_guard lock(mutex_);
    return outcome_.has_value();
  }

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  std::optional<StepOutcome> outcome_;
};

class AgentCall final : public StepCall {
 public:
  void Cancel() override { cancelled = true; }
  bool cancelled = false;
};

class WithAgentTest : public testing::Test {
 protected:
  DecomposeJob Job(graph::DecomposeStep::By by) {
    auto graph = std::make_shared<graph::Graph>();
    graph->version.value = "v1";
    graph::Step step;
    step.name = "parts";
    step.decompose.emplace();
    step.decompose->by = by;
    step.decompose->max = 4;
    step.decompose->default_skill = "other";
    step.decompose->skills = {{"billing", {"my bill is wrong"}}, {"returns", {"I return shoes"}}};
    graph->root.steps.push_back(std::move(step));
    return {.graph = graph, .step = &*graph->root.steps[0].decompose, .step_name = "parts"};
  }
  StepOrder Order(const std::string& text) {
    return {.key = "t/parts/1", .agent = "helper", .path = "parts", .input_json = Dump(Value{{"text", text}})};
  }
  Starter KeepOrders() {
    return [this](StepOrder order, std::shared_ptr<StepListener> listener) {
      orders_.push_back(std::move(order));
      answer_to_ = std::move(listener);
      return call_;
    };
  }
  Value Input(size_t i) const { return *ParseValue(orders_.at(i).input_json); }
  void Answer(Value output) { answer_to_->OnStepEnd("parts", 1, {.output = std::move(output), .usage = {1, 2, 3}}); }

  Timers timers_;
  const std::shared_ptr<Listener> listener_ = std::make_shared<Listener>();
  const std::shared_ptr<AgentCall> call_ = std::make_shared<AgentCall>();
  std::vector<StepOrder> orders_;
  std::shared_ptr<StepListener> answer_to_;
};

using By = graph::DecomposeStep::By;

TEST_F(WithAgentTest, APlannerIsHeldToTheSkillsAndTheMessage) {
  // when
  auto run = std::make_shared<PlannerRun>(Order("my bill is wrong and where is my hat"), Job(By::kPlanner), listener_,
                                          KeepOrders(), timers_);
  run->Start();
  // then
  ASSERT_EQ(orders_.size(), 1u);
  EXPECT_EQ(orders_[0].key, "t/parts/1/plan");
  EXPECT_EQ(Input(0)["copy"], "my bill is wrong and where is my hat");
  EXPECT_EQ(Input(0)["schema"]["items"]["properties"]["skill"]["enum"], Value({"billing", "other", "returns"}));
  EXPECT_EQ(Input(0)["prompt"].back()["content"], "my bill is wrong and where is my hat");
  // when
  Answer({{"text", R"([{"skill": "billing", "text": "my bill is wrong"}])"}, {"finish", "stop"}});
  // then what the plan leaves out is kept, and what the planner cost is told
  const StepOutcome outcome = listener_->Wait();
  ASSERT_TRUE(outcome.output) << outcome.output.error().message;
  EXPECT_EQ(*outcome.output, Value({{{"text", "my bill is wrong"}, {"skill", "billing"}, {"index", 0}},
                                    {{"text", "where is my hat"}, {"skill", "other"}, {"index", 1}}}));
  EXPECT_EQ(outcome.usage, (core::Usage{1, 2, 3}));
}

TEST_F(WithAgentTest, APlanThatIsNoneFailsTheStepAndSaysWhatToDo) {
  const std::pair<Value, const char*> answers[] = {
      {Value({{"text", "[{\"skill\": "}, {"finish", "length"}}), "raise its maxTokens"},
      {Value({{"text", "hello"}, {"finish", "stop"}}), "is no JSON"},
      {Value({{"text", "{}"}, {"finish", "stop"}}), "is no list"},
      {Value("hello"), "no text"}};
  for (const auto& [answer, why] : answers) {
    const auto listener = std::make_shared<Listener>();
    auto run = std::make_shared<PlannerRun>(Order("x"), Job(By::kPlanner), listener, KeepOrders(), timers_);
    run->Start();
    Answer(answer);
    const StepOutcome outcome = listener->Wait();
    ASSERT_FALSE(outcome.output);
    EXPECT_THAT(outcome.output.error().message, HasSubstr(why));
  }
}

TEST_F(WithAgentTest, BlankMessagesNeedNoPlanner) {
  auto run = std::make_shared<PlannerRun>(Order(" \n"), Job(By::kPlanner), listener_, KeepOrders(), timers_);
  run->Start();
  EXPECT_EQ(*listener_->Wait().output, Value::array());
  EXPECT_TRUE(orders_.empty());
}

TEST_F(WithAgentTest, CancellingReachesThePlanner) {
  auto run = std::make_shared<PlannerRun>(Order("x"), Job(By::kPlanner), listener_, KeepOrders(), timers_);
  run->Start();
  run->Cancel();
  EXPECT_TRUE(call_->cancelled);
  Answer({{"text", "[]"}});
  EXPECT_FALSE(listener_->ended()) << "an end after it was cancelled";
}

TEST_F(WithAgentTest, AListWithSkillsKeepsItsItemsApart) {
  // given
  auto run = std::make_shared<DecomposeRun>(Order("1. wrong bill\n2. another bill\n3. shoes"), Job(By::kList),
                                            listener_, KeepOrders(), std::make_shared<SkillCache>(), timers_);
  run->Start();
  // when the items and then the examples are turned into vectors
  ASSERT_EQ(orders_.size(), 1u);
  EXPECT_EQ(Input(0)["texts"], Value({"wrong bill", "another bill", "shoes"}));
  Answer({{"vectors", {{1.0, 0.0}, {1.0, 0.0}, {0.0, 1.0}}}});
  ASSERT_EQ(orders_.size(), 2u);
  EXPECT_EQ(Input(1)["texts"], Value({"my bill is wrong", "I return shoes"}));
  Answer({{"vectors", {{1.0, 0.0}, {0.0, 1.0}}}});
  // then
  const StepOutcome outcome = listener_->Wait();
  ASSERT_TRUE(outcome.output) << outcome.output.error().message;
  ASSERT_EQ(outcome.output->size(), 3u) << "neighbours of one skill are items of their own";
  EXPECT_EQ((*outcome.output)[1]["text"], "another bill");
  EXPECT_EQ((*outcome.output)[1]["skill"], "billing");
  EXPECT_EQ((*outcome.output)[2]["skill"], "returns");
}

}  // namespace
}  // namespace troupe::dispatch
