#include <atomic>
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
  // given: a connection, so that the deadline is spent at the server
  ASSERT_TRUE(channel_->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(30)));
  // when: nobody ends the input
  auto stream = WorkStream::Start(WorkMethod(), {.timeout_ms = 200}, Listen(heard_), StartOf("x"));
  // then
  ASSERT_TRUE(heard_->done.Wait());
  EXPECT_EQ(heard_->status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  if (!heard_->Text().empty()) {
    EXPECT_TRUE(events_.cancelled->Wait());
  }
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

// Passes a little time without giving the core away, which on a busy machine would take milliseconds.
void Spin(unsigned turns) {
  std::atomic<unsigned> turned{0};
  while (turned.fetch_add(1, std::memory_order_relaxed) < turns) continue;
}

TEST_F(CancelTest, StreamsRacedAgainstCancellationAllEndOnce) {
  // given
  constexpr unsigned kSeed = 7;
  std::mt19937 random(kSeed);
  auto left = std::make_shared<std::atomic<int>>(500);
  auto all_done = std::make_shared<Flag>();
  // when: cancelled or ended at different moments, some while messages are under way
  for (int i = left->load(); i > 0; --i) {
    WorkStream::Handlers handlers{.on_message = [](auto&) { return true; },
                                  .on_done =
                                      [left, all_done](const auto&) {
                                        if (--*left == 0) all_done->Set();
                                      }};
    auto stream = WorkStream::Start(WorkMethod(), {}, std::move(handlers), StartOf("x"));
    for (unsigned n = random() % 4; n > 0; --n) stream.Send(AnswerOf("y"));
    Spin(random() % 50'000);
    if (random() % 3 == 0) stream.EndInput();
    if (random() % 3 == 0) stream.Cancel();
  }
  // then
  EXPECT_TRUE(all_done->Wait()) << *left << " streams never ended, seed " << kSeed;
}
}  // namespace
}  // namespace troupe::rpc
