#include <thread>

#include "tests/unit/client/fake_router.h"

namespace troupe::client {
namespace {

class ClientCalls : public WithFakeRouter {};

TEST_F(ClientCalls, ATaskThatIsHandedInAgainIsTheSameTask) {
  // given a router that goes away twice while it takes the task in
  router_.refusals = {Away(), Away()};
  Client client = Connected();
  // when
  const auto submitted = client.Submit(Request());
  // then the three tries had one name
  ASSERT_TRUE(submitted) << submitted.error().message;
  EXPECT_EQ(submitted->task_id(), "task-1");
  ASSERT_EQ(router_.request_ids.size(), 3u);
  EXPECT_FALSE(router_.request_ids[0].empty());
  EXPECT_EQ(router_.request_ids[0], router_.request_ids[1]);
  EXPECT_EQ(router_.request_ids[0], router_.request_ids[2]);
  // and another task has another
  ASSERT_TRUE(client.Submit(Request()));
  EXPECT_NE(router_.request_ids[3], router_.request_ids[0]);
}

TEST_F(ClientCalls, TheCallersOwnNameIsKept) {
  v1::SubmitRequest request = Request();
  request.set_request_id("mine");
  ASSERT_TRUE(Connected().Submit(request));
  EXPECT_EQ(router_.request_ids, std::vector<std::string>{"mine"});
}

TEST_F(ClientCalls, ErrorsAreTypedAndOnlyThoseThatMayPassAreTriedAgain) {
  for (const auto code :
       {grpc::StatusCode::INVALID_ARGUMENT, grpc::StatusCode::NOT_FOUND, grpc::StatusCode::ALREADY_EXISTS,
        grpc::StatusCode::RESOURCE_EXHAUSTED, grpc::StatusCode::INTERNAL}) {
    router_.calls = 0;
    router_.refusals = {{code, "input.message: is missing"}};
    const auto got = Connected().Get("t");
    ASSERT_FALSE(got);
    EXPECT_EQ(static_cast<int>(got.error().code), static_cast<int>(code));
    EXPECT_EQ(got.error().message, "input.message: is missing");
    EXPECT_EQ(router_.calls, 1);
  }
}

TEST_F(ClientCalls, WithoutRetriesTheFirstFailureIsTheAnswer) {
  router_.refusals = {Away()};
  options_.retry = Retry::kNever;
  EXPECT_EQ(Connected().Get("t").error().code, Code::kUnavailable);
  EXPECT_EQ(router_.calls, 1);
}

TEST_F(ClientCalls, ACallTakesNoLongerThanItMay) {
  router_.refusals = std::deque<grpc::Status>(1'000, Away());
  options_.call_time = std::chrono::milliseconds(300);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(Connected().Get("t").error().code, Code::kUnavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  EXPECT_LT(router_.calls, 10) << "with pauses in between";
}

TEST_F(ClientCalls, ARouterThatIsNotThereYetIsWaitedFor) {
  // given nobody at the address, until a first try has failed
  server_->Shutdown();
  server_.reset();
  Client client = Connected();
  std::thread later([&] {
    while (client.channel()->GetState(false) != GRPC_CHANNEL_TRANSIENT_FAILURE) std::this_thread::yield();
    Start();
  });
  const auto submitted = client.Submit(Request());
  later.join();
  EXPECT_TRUE(submitted) << submitted.error().message;
}

TEST_F(ClientCalls, RunGivesTheOutcomeAndIsRepeatedUnderItsName) {
  router_.refusals = {Away()};
  const auto outcome = Connected().Run(Request());
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->status);
  EXPECT_EQ(outcome->task_id, "task-1");
  EXPECT_EQ(outcome->output_json, "{\"text\":\"yes\"}");
  EXPECT_EQ(router_.request_ids.at(0), router_.request_ids.at(1));
}

TEST_F(ClientCalls, ATaskThatFailedIsAnOutcomeThatSaysSo) {
  router_.task.clear_output_json();
  router_.task.set_state(v1::TASK_STATE_CANCELLED);
  router_.task.set_error_code(1);
  router_.task.set_error_message("enough");
  router_.task.set_error_path("handle[2].draft");
  const auto outcome = Connected().Run(Request());
  ASSERT_TRUE(outcome);
  ASSERT_FALSE(outcome->status);
  EXPECT_EQ(outcome->status.error().code, Code::kCancelled);
  EXPECT_EQ(outcome->status.error().message, "enough");
  EXPECT_EQ(outcome->failed_path, "handle[2].draft");
}

TEST_F(ClientCalls, AddressesThatCannotBeUsedAreRefusedAtOnce) {
  EXPECT_EQ(Client::Connect({}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(Client::Connect({.address = "192.0.2.1:7400"}).error().code, Code::kFailedPrecondition)
      << "plaintext off the machine";
}

}  // namespace
}  // namespace troupe::client
