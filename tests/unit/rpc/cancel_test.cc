#include <random>
#include <thread>

#include "tests/unit/rpc/fixture.h"

namespace troupe::rpc {
namespace {
class CancelTest : public RpcTest {
 protected:
  void SetUp() override {
    RpcTest::SetUp();
    service_.work = [this](auto*) { return std::make_shared<EchoCall>(events_)->Open(); };
  }
  EchoCall::Events events_;
  std::shared_ptr<Heard> heard_ = std::make_shared<Heard>();
};

TEST_F(CancelTest, CancelReachesTheServer) {
  // given
  auto stream = WorkStream::Start(WorkMethod(), {}, Listen(heard_), StartOf("x"));
  while (heard_->Text().empty()) std::this_thread::yield();
  // when
  stream.Cancel();
  // then
  ASSERT_TRUE(heard_->done.Wait());
  EXPECT_EQ(heard_->status.error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(events_.cancelled->Wait());
  EXPECT_TRUE(events_.ended->Wait());
}

TEST_F(CancelTest, ADroppedStreamEndsAsCancelledOnBothSides) {
  // given, when
  {
    auto stream = WorkStream::Start(WorkMethod(), {}, Listen(heard_), StartOf("x"));
  }
  // then
  ASSERT_TRUE(heard_->done.Wait());
  EXPECT_EQ(heard_->status.error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(CancelTest, ADeadlineEndsAStream) {
  // given, when: nobody ends the input
  auto stream = WorkStream::Start(WorkMethod(), {.timeout_ms = 50}, Listen(heard_), StartOf("x"));
  // then
  ASSERT_TRUE(heard_->done.Wait());
  EXPECT_EQ(heard_->status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(events_.cancelled->Wait());
}

TEST_F(CancelTest, SendingAfterTheEndDoesNothing) {
  // given
  auto stream = WorkStream::Start(WorkMethod(), {}, Listen(heard_), StartOf("x"));
  stream.Cancel();
  ASSERT_TRUE(heard_->done.Wait());
  // when, then
  stream.Send(AnswerOf("y"));
  stream.EndInput();
  stream.Cancel();
}

TEST_F(CancelTest, StreamsRacedAgainstCancellationAllEndOnce) {
  // given
  std::mt19937 random(7);
  std::atomic<int> done{0};
  constexpr int kStreams = 500;
  // when: cancelled or ended at different moments, some while messages are under way
  for (int i = 0; i < kStreams; ++i) {
    WorkStream::Handlers handlers{.on_message = [](auto&) { return true; },
                                  .on_done = [&done](const auto&) { ++done; }};
    auto stream = WorkStream::Start(WorkMethod(), {.timeout_ms = 30'000}, std::move(handlers), StartOf("x"));
    for (unsigned n = random() % 4; n > 0; --n) stream.Send(AnswerOf("y"));
    for (unsigned n = random() % 200; n > 0; --n) std::this_thread::yield();
    if (random() % 3 == 0) stream.EndInput();
    if (random() % 3 == 0) stream.Cancel();
  }
  // then
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (done < kStreams && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
  EXPECT_EQ(done, kStreams);
}
}  // namespace
}  // namespace troupe::rpc
