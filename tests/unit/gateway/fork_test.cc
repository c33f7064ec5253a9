// A task run again from the middle, as a new one.
#include <gmock/gmock.h>

#include "tests/unit/gateway/harness.h"

namespace troupe::gateway {
namespace {

using testing::HasSubstr;

class ForkTest : public RouterTest {
 protected:
  grpc::Status Fork(const std::string& task_id, const std::string& step, v1::ForkResponse* response,
                    const std::string& request_id = "") {
    grpc::ClientContext context;
    Limit(context);
    v1::ForkRequest request;
    request.set_task_id(task_id);
    request.set_step(step);
    request.set_request_id(request_id);
    return tasks_->Fork(&context, request, response);
  }
};

TEST_F(ForkTest, GoesOnWhereTheStepStarted) {
  FakeAgent first("first", Socket("first-0"), Echo), second("second", Socket("second-0"), Echo);
  StartRouter();
  // given a task that has ended, with an input too large to be kept in place
  v1::SubmitRequest request = Request(std::string(6'000, 'x'));
  (*request.mutable_labels())["customer"] = "42";
  const std::string task_id = MustSubmit(request);
  const std::vector<v1::Record> before = Watch(task_id);
  ASSERT_EQ(first.started(), 1);
  // when
  v1::ForkResponse forked;
  const grpc::Status status = Fork(task_id, "two", &forked);
  // then only the step and what comes after it is done again
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_NE(forked.task_id(), task_id);
  EXPECT_EQ(forked.copied_records(), 1);
  const std::vector<v1::Record> records = Watch(forked.task_id());
  ExpectNoGap(records);
  ASSERT_EQ(records.size(), before.size());
  EXPECT_EQ(records[1].event().step_done().output().json(), before[1].event().step_done().output().json());
  EXPECT_EQ(first.started(), 1);
  EXPECT_EQ(second.started(), 2);
  const v1::GetResponse copy = Get(forked.task_id());
  EXPECT_EQ(copy.task().state(), v1::TASK_STATE_DONE);
  EXPECT_EQ(copy.task().output_json(), Get(task_id).task().output_json());
  EXPECT_EQ(copy.task().labels().at("customer"), "42");
}

TEST_F(ForkTest, FromTheFirstStepEverythingIsDoneAgain) {
  FakeAgent first("first", Socket("first-0"), Echo), second("second", Socket("second-0"), Echo);
  StartRouter();
  const std::string task_id = MustSubmit();
  Watch(task_id);
  v1::ForkResponse forked;
  ASSERT_TRUE(Fork(task_id, "one", &forked).ok());
  EXPECT_EQ(forked.copied_records(), 0);
  ExpectNoGap(Watch(forked.task_id()));
  EXPECT_EQ(first.started(), 2);
}

TEST_F(ForkTest, TheSameRequestIsTheSameTask) {
  FakeAgent first("first", Socket("first-0"), Echo), second("second", Socket("second-0"), Echo);
  StartRouter();
  const std::string task_id = MustSubmit();
  Watch(task_id);
  // given
  v1::ForkResponse one, again, other;
  ASSERT_TRUE(Fork(task_id, "two", &one, "r1").ok());
  // when, then: while it runs or after
  ASSERT_TRUE(Fork(task_id, "two", &again, "r1").ok());
  EXPECT_EQ(again.task_id(), one.task_id());
  Watch(one.task_id());
  ASSERT_TRUE(Fork(task_id, "two", &again, "r1").ok());
  EXPECT_EQ(again.task_id(), one.task_id());
  EXPECT_EQ(Fork(task_id, "one", &other, "r1").error_code(), grpc::StatusCode::ALREADY_EXISTS);
}

TEST_F(ForkTest, ACopySurvivesTheRouter) {
  FakeAgent first("first", Socket("first-0"), Echo), second("second", Socket("second-0"));
  StartRouter();
  // given a copy whose step is at work when the router goes
  const std::string task_id = MustSubmit();
  const FakeAgent::WorkPtr original = second.Next();
  ASSERT_TRUE(original);
  Echo(original);
  Watch(task_id);
  v1::ForkResponse forked;
  ASSERT_TRUE(Fork(task_id, "two", &forked).ok());
  const FakeAgent::WorkPtr copied = second.Next();
  ASSERT_TRUE(copied);
  EXPECT_NE(copied->start().idempotency_key(), original->start().idempotency_key());
  router_.reset();
  // when it is back
  StartRouter();
  const FakeAgent::WorkPtr again = second.Next();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->start().idempotency_key(), copied->start().idempotency_key());
  Echo(again);
  // then
  ExpectNoGap(Watch(forked.task_id()));
  EXPECT_EQ(Get(forked.task_id()).task().state(), v1::TASK_STATE_DONE);
  EXPECT_EQ(first.started(), 1);
}

TEST_F(ForkTest, SaysWhyItCannot) {
  FakeAgent first("first", Socket("first-0"), Echo), second("second", Socket("second-0"), Echo);
  StartRouter();
  const std::string task_id = MustSubmit();
  Watch(task_id);
  v1::ForkResponse response;
  const grpc::Status unknown = Fork(task_id, "tow", &response);
  EXPECT_EQ(unknown.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(unknown.error_message(), HasSubstr("did you mean 'two'?"));
  EXPECT_EQ(Fork(NewUuid7(), "two", &response).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Fork("x", "two", &response).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Fork(task_id, "", &response).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace troupe::gateway
