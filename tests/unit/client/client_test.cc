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

class LargeInputs : public WithFakeRouter {
 protected:
  // More than one message may hold.
  static v1::SubmitRequest Large() {
    v1::SubmitRequest request = Request();
    request.set_input_json(Dump(Value{{"text", std::string(5u << 20, 'x')}}));
    return request;
  }
};

TEST_F(LargeInputs, AreSentAheadAndReferredTo) {
  // given a router that goes away once while the input comes
  router_.refusals = {Away()};
  const v1::SubmitRequest request = Large();
  const std::string sha256 = Sha256Hex(request.input_json());
  // when
  Client client = Connected();
  const auto submitted = client.Submit(request);
  // then all of it came, and the task refers to it
  ASSERT_TRUE(submitted) << submitted.error().message;
  ASSERT_TRUE(router_.uploads.contains(sha256));
  EXPECT_TRUE(router_.uploads[sha256] == request.input_json());
  ASSERT_EQ(router_.submits.size(), 1u);
  EXPECT_EQ(router_.submits[0].input_sha256(), sha256);
  EXPECT_TRUE(router_.submits[0].input_json().empty());
  // and one that is there already is not refused, because it is not taken in again
  router_.refusals = {grpc::Status::OK, {grpc::StatusCode::RESOURCE_EXHAUSTED, "not twice"}};
  EXPECT_TRUE(client.Submit(request));
}

TEST_F(LargeInputs, ARouterThatTakesNoSuchInputsSaysWhy) {
  router_.refusals = {{grpc::StatusCode::RESOURCE_EXHAUSTED, "an upload may have 4 bytes"}};
  const auto stream = Connected().RunStream(Large());
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().message, "an upload may have 4 bytes");
  EXPECT_TRUE(router_.request_ids.empty()) << "no task was handed in";
}

TEST_F(LargeInputs, SmallOnesGoWithTheRequest) {
  v1::SubmitRequest request = Request();
  request.set_input_json("{}");
  ASSERT_TRUE(Connected().Submit(request));
  EXPECT_TRUE(router_.uploads.empty());
  EXPECT_EQ(router_.submits[0].input_json(), "{}");
}

TEST_F(ClientCalls, AddressesThatCannotBeUsedAreRefusedAtOnce) {
  EXPECT_EQ(Client::Connect({}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(Client::Connect({.address = "192.0.2.1:7400"}).error().code, Code::kFailedPrecondition)
      << "plaintext off the machine";
}

}  // namespace
}  // namespace troupe::client
