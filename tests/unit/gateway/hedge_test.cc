// A second try beside a slow one, through the whole router.
#include "tests/unit/gateway/harness.h"

namespace troupe::gateway {
namespace {

constexpr char kHedged[] = R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: pair}
spec:
  input: {text: string}
  limits: {tokens: 1000}
  agents:
    first: {kind: scripted, echo: true, maxTokens: 100, replicas: {min: 2}}
  steps:
    one: {agent: first, hedge: {percent: 20}, input: {text: "{{ input.text }}"}}
  output: "{{ steps.one.text }}"
)";

class HedgeTest : public RouterTest {
 protected:
  RouterOptions Options() override {
    std::ofstream(folder_ / "pair.yaml") << kHedged;
    std::ofstream(folder_ / "agents.json")
        << R"([{"graph":"pair","agent":"first","replica":"first-0","address":")" << Socket("first-0") << R"("},)"
        << R"({"graph":"pair","agent":"first","replica":"first-1","address":")" << Socket("first-1") << R"("}])";
    return RouterTest::Options();
  }
};

TEST_F(HedgeTest, AStepThatIsSlowIsTriedElsewhereTooAndBothAreCharged) {
  // given two replicas, which keep what says "slow" for the test to answer
  std::atomic<int> kept{0};
  std::atomic<int> keeper{0};
  const auto rule = [&](int replica) {
    return [&kept, &keeper, replica](const FakeAgent::WorkPtr& work) {
      const bool is_slow = work->start().input_json().find("slow") != std::string::npos;
      if (!is_slow || kept.fetch_add(1) > 0) return Echo(work);
      keeper = replica;
    };
  };
  FakeAgent zero("first", Socket("first-0"), rule(0)), one("first", Socket("first-1"), rule(1));
  StartRouter();
  // and enough quick steps to know what slow is
  for (int i = 0; i < 40 || zero.started() == 0 || one.started() == 0; ++i) Watch(MustSubmit());
  // when one is silent for longer than those, then the second replica answers
  const int before = zero.started() + one.started();
  const std::string task_id = MustSubmit(Request("slow"));
  const std::vector<v1::Record> records = Watch(task_id);
  ASSERT_GE(records.size(), 2u);
  const v1::StartStep& start = records[0].decisions(0).start_step();
  EXPECT_TRUE(start.may_hedge());
  EXPECT_EQ(start.reserved_tokens(), 200);
  const v1::GetResponse got = Get(task_id);
  EXPECT_EQ(got.task().state(), v1::TASK_STATE_DONE) << got.task().error_message();
  EXPECT_EQ(zero.started() + one.started(), before + 2);
  ASSERT_EQ(got.steps(0).attempts_size(), 1);
  const v1::Attempt& attempt = got.steps(0).attempts(0);
  EXPECT_NE(attempt.site().reason().find("this one was faster"), std::string::npos) << attempt.site().reason();
  EXPECT_EQ(attempt.usage().generated_tokens(), 6);
  // and the slow one was told to stop
  EXPECT_TRUE((keeper == 0 ? zero : one).WaitCancelled(1));
}

}  // namespace
}  // namespace troupe::gateway
