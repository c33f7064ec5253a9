#include "router/client/task_stream.h"

#include "tests/unit/client/fake_router.h"

namespace troupe::client {
namespace {

class Streams : public WithFakeRouter {
 protected:
  static std::vector<int64_t> ReadAll(TaskStream& stream) {
    std::vector<int64_t> sequences;
    while (const auto record = stream.Next()) sequences.push_back(record->sequence());
    return sequences;
  }
  const std::vector<int64_t> all_{1, 2, 3, 4, 5, 6};
};

TEST_F(Streams, ATaskIsFollowedToItsEnd) {
  Client client = Connected();
  const auto stream = client.RunStream(Request()).value();
  EXPECT_EQ(ReadAll(*stream), all_);
  EXPECT_TRUE(stream->End());
  EXPECT_EQ(stream->task_id(), "task-1");
  EXPECT_EQ(stream->outcome().output_json, "{\"text\":\"yes\"}");
  EXPECT_TRUE(router_.watched_after.empty());
}

TEST_F(Streams, WhatBreaksOffGoesOnWithoutGapOrRepeat) {
  for (const int break_after : {2, 3, 4}) {
    router_.break_after = break_after;
    router_.watched_after.clear();
    router_.request_ids.clear();
    Client client = Connected();
    const auto stream = client.RunStream(Request()).value();
    EXPECT_EQ(ReadAll(*stream), all_);
    EXPECT_TRUE(stream->End());
    EXPECT_EQ(router_.request_ids.size(), 1u) << "the task was handed in once";
    EXPECT_EQ(router_.watched_after.front(), router_.break_after);
  }
}

TEST_F(Streams, ARunThatWasNeverAnsweredIsMadeAgainUnderItsName) {
  router_.refusals = {Away(), Away()};
  Client client = Connected();
  EXPECT_EQ(ReadAll(**client.RunStream(Request())), all_);
  ASSERT_EQ(router_.request_ids.size(), 3u);
  EXPECT_EQ(router_.request_ids[0], router_.request_ids[2]);
}

TEST_F(Streams, WatchingBeginsWhereItIsTold) {
  Client client = Connected();
  const auto stream = client.Watch("task-1", 4);
  EXPECT_EQ(ReadAll(*stream), (std::vector<int64_t>{5, 6}));
  // and where all has been seen it ends well
  const auto none = client.Watch("task-1", 7);
  EXPECT_TRUE(ReadAll(*none).empty());
  EXPECT_TRUE(none->End());
}

TEST_F(Streams, ATaskThatFailedSaysSoInItsOutcome) {
  auto* failed = router_.records.back().mutable_decisions(0)->mutable_fail_task();
  failed->set_code(1);
  failed->set_message("enough");
  failed->set_path("handle[2].draft");
  Client client = Connected();
  const auto stream = client.RunStream(Request()).value();
  EXPECT_EQ(ReadAll(*stream), all_);
  EXPECT_TRUE(stream->End()) << "the stream itself ended well";
  ASSERT_FALSE(stream->outcome().status);
  EXPECT_EQ(stream->outcome().status.error().code, Code::kCancelled);
  EXPECT_EQ(stream->outcome().failed_path, "handle[2].draft");
}

TEST_F(Streams, ARefusalEndsIt) {
  router_.refusals = {{grpc::StatusCode::NOT_FOUND, "no task x"}};
  Client client = Connected();
  const auto stream = client.Watch("x");
  EXPECT_TRUE(ReadAll(*stream).empty());
  EXPECT_EQ(stream->End().error().code, Code::kNotFound);
  EXPECT_EQ(router_.calls, 1);
}

TEST_F(Streams, ARouterThatStaysAwayIsGivenUp) {
  router_.refusals = std::deque<grpc::Status>(1'000, Away());
  options_.patience = std::chrono::milliseconds(300);
  Client client = Connected();
  const auto stream = client.Watch("task-1");
  EXPECT_TRUE(ReadAll(*stream).empty());
  EXPECT_EQ(stream->End().error().code, Code::kUnavailable);
  EXPECT_GT(router_.calls, 1);
  // and at once where that is wished
  options_.retry = Retry::kNever;
  Client impatient = Connected();
  router_.calls = 0;
  EXPECT_TRUE(ReadAll(*impatient.Watch("task-1")).empty());
  EXPECT_EQ(router_.calls, 1);
}

TEST_F(Streams, OneCallAsItComesIsNotMended) {
  router_.break_after = 3;
  Client client = Connected();
  const auto stub = std::shared_ptr<v1::TaskService::Stub>(v1::TaskService::NewStub(client.channel()));
  TaskStreamSpec spec{"task-1", 2};
  spec.resume = Resume::kNo;
  TaskStream stream(client.channel(), stub, spec);
  EXPECT_EQ(ReadAll(stream), (std::vector<int64_t>{2, 3, 4}));
  EXPECT_EQ(stream.End().error().code, Code::kUnavailable);
}

TEST_F(Streams, APollWaitsNoLongerThanItIsTold) {
  router_.records.clear();
  router_.mutex.lock();  // the router takes the call and says nothing
  Client client = Connected();
  const auto stream = client.Watch("task-1");
  v1::Record record;
  EXPECT_EQ(stream->Poll(std::chrono::milliseconds(20), record), StreamState::kQuiet);
  router_.mutex.unlock();
}

}  // namespace
}  // namespace troupe::client
