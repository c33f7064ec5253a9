// Agents that ask their peers in the middle of a step, over real streams.
#include "tests/unit/gateway/harness.h"

namespace troupe::gateway {
namespace {

constexpr char kAskingGraph[] = R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: pair}
spec:
  input:
    text: {type: string, maxLength: 100000}
  agents:
    first: {kind: scripted, echo: true, asks: {second: {max: 1}}}
    second: {kind: scripted, echo: true}
  steps:
    one: {agent: first, input: {text: "{{ input.text }}"}}
  output: "{{ steps.one.text }}"
)";

class AsksTest : public RouterTest {
 protected:
  AsksTest() { std::ofstream(folder_ / "pair.yaml") << kAskingGraph; }

  FakeAgent first_{"first", Socket("first-0")};
  FakeAgent second_{"second", Socket("second-0")};
};

TEST_F(AsksTest, TheAnswerComesDownTheStreamThatAsked) {
  // given
  StartRouter();
  const std::string task_id = MustSubmit();
  const FakeAgent::WorkPtr one = first_.Next();
  ASSERT_TRUE(one);
  // when
  one->Ask("second", 1, R"({"text":"what is it"})");
  const FakeAgent::WorkPtr peer = second_.Next();
  ASSERT_TRUE(peer);
  EXPECT_EQ(peer->start().input_json(), R"({"text":"what is it"})");
  EXPECT_EQ(peer->start().idempotency_key(), task_id + "/one.ask[1]/1");
  peer->Done(R"({"text":"a hat"})");
  // then
  const auto answer = one->NextAnswer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->ordinal(), 1);
  EXPECT_EQ(answer->output_json(), R"({"text":"a hat"})");
  one->Done(R"({"text":"it is a hat"})");
  ExpectNoGap(Watch(task_id));
  const v1::GetResponse got = Get(task_id);
  EXPECT_EQ(got.task().output_json(), "\"it is a hat\"");
  ASSERT_EQ(got.steps_size(), 2);
  EXPECT_EQ(got.steps(1).path(), "one.ask[1]");
  EXPECT_EQ(got.steps(1).attempts(0).site().replica(), "second-0");
  EXPECT_EQ(got.task().usage().generated_tokens(), 6) << "what a peer generates counts";
}

TEST_F(AsksTest, OnlyDeclaredPeersAreAskedAndNoMoreThanMax) {
  StartRouter();
  const std::string task_id = MustSubmit();
  const FakeAgent::WorkPtr one = first_.Next();
  ASSERT_TRUE(one);
  one->Ask("nobody", 1);
  EXPECT_EQ(one->NextAnswer()->failed().code(), static_cast<int>(Code::kFailedPrecondition));
  one->Ask("second", 2);
  second_.Next()->Fail(Code::kInternal, "no idea");
  EXPECT_EQ(one->NextAnswer()->failed().message(), "no idea");
  one->Ask("second", 3);
  EXPECT_EQ(one->NextAnswer()->failed().code(), static_cast<int>(Code::kResourceExhausted));
  one->Done(R"({"text":"alone"})");
  Watch(task_id);
  EXPECT_EQ(Get(task_id).task().output_json(), "\"alone\"");
  EXPECT_EQ(second_.started(), 1);
}

TEST_F(AsksTest, AStepThatIsSentAgainGetsTheRecordedAnswer) {
  StartRouter();
  const std::string task_id = MustSubmit();
  const FakeAgent::WorkPtr before = first_.Next();
  ASSERT_TRUE(before);
  before->Ask("second", 1, "1");
  second_.Next()->Done(R"({"text":"one"})");
  ASSERT_TRUE(before->NextAnswer());
  // when its replica is lost
  before->Break();
  const FakeAgent::WorkPtr again = first_.Next();
  ASSERT_TRUE(again);
  again->Ask("second", 1, "1");
  EXPECT_EQ(again->NextAnswer()->output_json(), R"({"text":"one"})");
  EXPECT_EQ(second_.started(), 1);
  // when it is lost once more and asks something else
  again->Break();
  const FakeAgent::WorkPtr third = first_.Next();
  ASSERT_TRUE(third);
  third->Ask("second", 1, "2");
  second_.Next()->Done(R"({"text":"two"})");
  EXPECT_EQ(third->NextAnswer()->output_json(), R"({"text":"two"})");
  third->Done(R"({"text":"end"})");
  ExpectNoGap(Watch(task_id));
}

TEST_F(AsksTest, ARouterThatComesBackAnswersFromItsJournal) {
  StartRouter();
  const std::string task_id = MustSubmit();
  const FakeAgent::WorkPtr before = first_.Next();
  ASSERT_TRUE(before);
  before->Ask("second", 1, "1");
  second_.Next()->Done(R"({"text":"one"})");
  ASSERT_TRUE(before->NextAnswer());
  // given that the answer is on disk
  const auto is_recorded = [&] {
    const v1::GetResponse got = Get(task_id);
    return got.steps_size() == 2 && got.steps(1).state() == v1::STEP_STATE_DONE;
  };
  ASSERT_TRUE(is_recorded());
  // when
  router_.reset();
  StartRouter();
  const FakeAgent::WorkPtr again = first_.Next();
  ASSERT_TRUE(again);
  again->Ask("second", 1, "1");
  // then
  EXPECT_EQ(again->NextAnswer()->output_json(), R"({"text":"one"})");
  EXPECT_EQ(second_.started(), 1);
  again->Done(R"({"text":"end"})");
  ExpectNoGap(Watch(task_id));
}

TEST_F(AsksTest, AQuestionInFlightIsSentAgainAfterACrash) {
  StartRouter();
  const std::string task_id = MustSubmit();
  const FakeAgent::WorkPtr before = first_.Next();
  ASSERT_TRUE(before);
  before->Ask("second", 1, "1");
  const FakeAgent::WorkPtr peer = second_.Next();
  ASSERT_TRUE(peer);
  ASSERT_EQ(Get(task_id).steps_size(), 2);
  // when
  router_.reset();
  StartRouter();
  // then both are there again, and the peer's answer comes whichever of them is first
  const FakeAgent::WorkPtr peer_again = second_.Next();
  ASSERT_TRUE(peer_again);
  EXPECT_EQ(peer_again->start().idempotency_key(), peer->start().idempotency_key());
  peer_again->Done(R"({"text":"one"})");
  const FakeAgent::WorkPtr again = first_.Next();
  ASSERT_TRUE(again);
  again->Ask("second", 1, "1");
  EXPECT_EQ(again->NextAnswer()->output_json(), R"({"text":"one"})");
  again->Done(R"({"text":"end"})");
  ExpectNoGap(Watch(task_id));
  EXPECT_EQ(second_.started(), 2);
}

TEST_F(AsksTest, CancellingReachesThePeer) {
  StartRouter();
  const std::string task_id = MustSubmit();
  const FakeAgent::WorkPtr one = first_.Next();
  ASSERT_TRUE(one);
  one->Ask("second");
  ASSERT_TRUE(second_.Next());
  EXPECT_EQ(Cancel(task_id), v1::TASK_STATE_CANCELLED);
  EXPECT_TRUE(first_.WaitCancelled(1));
  EXPECT_TRUE(second_.WaitCancelled(1));
}

TEST_F(AsksTest, AQuestionOutOfOrderFailsTheStep) {
  StartRouter();
  const std::string task_id = MustSubmit();
  const FakeAgent::WorkPtr one = first_.Next();
  ASSERT_TRUE(one);
  one->Ask("second", 2);
  Watch(task_id);
  EXPECT_EQ(Get(task_id).task().error_code(), static_cast<int>(Code::kInternal));
  EXPECT_EQ(second_.started(), 0);
}

}  // namespace
}  // namespace troupe::gateway
