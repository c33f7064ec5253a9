// What a task may cost and whose turn it is: from the graph and the request to the record and the agents' line.
#include <gmock/gmock.h>

#include "tests/unit/gateway/harness.h"

namespace troupe::gateway {
namespace {

using testing::HasSubstr;

constexpr char kPriced[] = R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: pair}
spec:
  input: {text: string}
  limits: {time: 60s, tokens: 500, money: 2, priority: 3}
  agents:
    first: {kind: scripted, echo: true, maxTokens: 100, price: {token: 0.01}}
  steps:
    one: {agent: first, timeout: 20s, input: {text: "{{ input.text }}"}}
  output: "{{ steps.one.text }}"
)";

class LimitsTest : public RouterTest {
 protected:
  RouterOptions Options() override {
    std::ofstream(folder_ / "pair.yaml") << kPriced;
    return RouterTest::Options();
  }
};

TEST_F(LimitsTest, TheSmallerOfGraphAndRequestHoldsAndWhatItCostIsShown) {
  FakeAgent first("first", Socket("first-0"), Echo);
  StartRouter();
  v1::SubmitRequest request = Request();
  request.set_token_limit(400);
  request.set_money_limit_micros(9'000'000);
  request.set_priority(0);
  const std::string task_id = MustSubmit(request);
  const std::vector<v1::Record> records = Watch(task_id);
  const v1::TaskAccepted& accepted = records[0].event().accepted();
  EXPECT_EQ(accepted.token_limit(), 400);
  EXPECT_EQ(accepted.money_limit_micros(), 2'000'000);
  EXPECT_EQ(accepted.priority(), 0);
  const v1::StartStep& start = records[0].decisions(0).start_step();
  EXPECT_EQ(start.reserved_tokens(), 100);
  EXPECT_EQ(start.reserved_money_micros(), 1'000'000);
  // the fake agent says that it wrote 3 tokens
  EXPECT_EQ(Get(task_id).task().money_micros(), 30'000);
  EXPECT_EQ(Get(MustSubmit()).task().priority(), 3) << "the graph's own";
}

TEST_F(LimitsTest, ARequestMayLowerABudgetBelowWhatAStepNeeds) {
  FakeAgent first("first", Socket("first-0"), Echo);
  StartRouter();
  v1::SubmitRequest request = Request();
  request.set_money_limit_micros(999'999);
  const std::string task_id = MustSubmit(request);
  Watch(task_id);
  const v1::Task task = Get(task_id).task();
  EXPECT_EQ(task.error_code(), static_cast<int>(Code::kResourceExhausted));
  EXPECT_THAT(task.error_message(), HasSubstr("may cost 1, but of the task's limit of 0.999999"));
  EXPECT_EQ(first.started(), 0);
}

TEST_F(LimitsTest, WhereStepsWaitTheHigherPriorityIsServedFirst) {
  // given nobody who works yet, and tasks of rising priority that wait
  StartRouter();
  std::vector<std::string> tasks;
  for (int priority = 1; priority <= 9; priority += 4) {
    v1::SubmitRequest request = Request("p" + std::to_string(priority));
    request.set_priority(priority);
    tasks.push_back(MustSubmit(request));
  }
  // when an agent comes that takes one at a time, then they arrive from the highest to the lowest
  FakeAgent first("first", Socket("first-0"), {}, {.slots = 1, .queue_limit = 0});
  for (const char* text : {"p9", "p5", "p1"}) {
    const FakeAgent::WorkPtr work = first.Next();
    ASSERT_TRUE(work);
    EXPECT_THAT(work->start().input_json(), HasSubstr(text));
    Echo(work);
  }
}

constexpr char kImpatient[] = R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: pair}
spec:
  input: {text: string}
  limits: {time: 60s, deviceSeconds: 1}
  agents:
    first: {kind: scripted, echo: true}
  steps:
    one: {agent: first, timeout: 400ms, retry: {max: 9, backoff: 1ms}, input: {text: "{{ input.text }}"}}
  output: "{{ steps.one.text }}"
)";

class ImpatientTest : public RouterTest {
 protected:
  RouterOptions Options() override {
    std::ofstream(folder_ / "pair.yaml") << kImpatient;
    return RouterTest::Options();
  }
};

TEST_F(ImpatientTest, AttemptsThatRunOutOfTimeAreChargedWithIt) {
  // given an agent that never says anything, not even what it cost
  FakeAgent first("first", Socket("first-0"));
  StartRouter();
  const std::string task_id = MustSubmit();
  Watch(task_id);
  // then of 1 s two attempts of 0.4 s take so much that a third is no longer allowed
  const v1::GetResponse got = Get(task_id);
  EXPECT_EQ(got.task().error_code(), static_cast<int>(Code::kResourceExhausted));
  EXPECT_THAT(got.task().error_message(), HasSubstr("may take 0.4 s of device time, but of the task's limit of 1 s"));
  EXPECT_EQ(got.steps(0).attempts_size(), 2);
  EXPECT_GT(got.task().usage().device_us(), 600'000);
  EXPECT_LE(got.task().usage().device_us(), 1'000'000);
}

}  // namespace
}  // namespace troupe::gateway
