// Agents that fail, die and come back.
#include "tests/unit/gateway/harness.h"

namespace troupe::gateway {
namespace {

TEST_F(RouterTest, AStepWhoseAgentDiesIsSentAgainUnderItsKey) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  const std::string task_id = MustSubmit();
  // given an agent that dies at work
  const FakeAgent::WorkPtr before = first.Next();
  ASSERT_TRUE(before);
  before->Break();
  first.Kill();
  // when it is back
  first.Serve();
  const FakeAgent::WorkPtr again = first.Next();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->start().idempotency_key(), before->start().idempotency_key());
  Echo(again);
  // then the task ends well after one attempt, and the record says that it was sent twice
  ExpectNoGap(Watch(task_id));
  const v1::GetResponse got = Get(task_id);
  EXPECT_EQ(got.task().state(), v1::TASK_STATE_DONE);
  ASSERT_EQ(got.steps(0).attempts_size(), 1);
  EXPECT_NE(got.steps(0).attempts(0).site().reason().find("sent again 1 time"), std::string::npos);
}

TEST_F(RouterTest, AStepThatBreaksEveryReplicaFailsInTheEnd) {
  FakeAgent first("first", Socket("first-0"), [](const FakeAgent::WorkPtr& work) { work->Break(); });
  FakeAgent second("second", Socket("second-0"), Echo);
  StartRouter();
  const std::string task_id = MustSubmit();
  Watch(task_id);
  const v1::GetResponse got = Get(task_id);
  EXPECT_EQ(got.task().state(), v1::TASK_STATE_FAILED);
  EXPECT_EQ(got.task().error_code(), static_cast<int>(Code::kUnavailable));
  EXPECT_EQ(first.started(), 6);
}

TEST_F(RouterTest, StepsWaitForAnAgentThatIsNotThereYet) {
  FakeAgent second("second", Socket("second-0"), Echo);
  StartRouter();
  const std::string task_id = MustSubmit();
  FakeAgent first("first", Socket("first-0"), Echo);
  ExpectNoGap(Watch(task_id));
  EXPECT_EQ(Get(task_id).task().state(), v1::TASK_STATE_DONE);
}

TEST_F(RouterTest, AnAskThatTheGraphDoesNotAllowFailsTheStep) {
  FakeAgent first("first", Socket("first-0"), [](const FakeAgent::WorkPtr& work) { work->Ask("second"); });
  FakeAgent second("second", Socket("second-0"), Echo);
  StartRouter();
  // text is watched, so the step has a stream on which an agent can ask
  const std::vector<v1::Record> records = Run(v1::DETAIL_TEXT);
  ASSERT_FALSE(records.empty());
  EXPECT_EQ(Get(records[0].task_id()).task().error_code(), static_cast<int>(Code::kFailedPrecondition));
  EXPECT_TRUE(first.WaitCancelled(1));
}

TEST_F(RouterTest, AnAgentsFailureNamesTheStep) {
  FakeAgent first("first", Socket("first-0"),
                  [](const FakeAgent::WorkPtr& work) { work->Fail(Code::kInvalidArgument, "no such thing"); });
  FakeAgent second("second", Socket("second-0"), Echo);
  StartRouter();
  const std::string task_id = MustSubmit();
  Watch(task_id);
  const v1::GetResponse got = Get(task_id);
  EXPECT_EQ(got.task().error_path(), "one");
  EXPECT_NE(got.task().error_message().find("no such thing"), std::string::npos);
}

TEST_F(RouterTest, NonsenseFromAnAgentIsAnErrorOfTheStep) {
  FakeAgent first("first", Socket("first-0"), [](const FakeAgent::WorkPtr& work) { work->Done("{not json"); });
  FakeAgent second("second", Socket("second-0"), Echo);
  StartRouter();
  const std::string task_id = MustSubmit();
  Watch(task_id);
  EXPECT_EQ(Get(task_id).task().state(), v1::TASK_STATE_FAILED);
}

}  // namespace
}  // namespace troupe::gateway
