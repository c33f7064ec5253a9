#include "runtime/async/queue.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <memory>

#include "runtime/async/scope.h"

namespace troupe::async {
namespace asio = boost::asio;

namespace {
class QueueTest : public testing::Test {
 protected:
  Result<std::unique_ptr<int>> PopNow() {
    auto popped = asio::co_spawn(context_, queue_.Pop(), asio::use_future);
    context_.restart();
    context_.run();
    return popped.get();
  }

  asio::io_context context_;
  BoundedQueue<std::unique_ptr<int>> queue_{2, "the queue"};
};

TEST_F(QueueTest, GivesItemsInOrder) {
  // given
  ASSERT_TRUE(queue_.TryPush(std::make_unique<int>(1)));
  ASSERT_TRUE(queue_.TryPush(std::make_unique<int>(2)));
  // when, then
  EXPECT_EQ(**PopNow(), 1);
  EXPECT_EQ(**PopNow(), 2);
}

TEST_F(QueueTest, RefusesAtOnceWhenFullAndTakesAgainAfterAPop) {
  // given
  ASSERT_TRUE(queue_.TryPush(std::make_unique<int>(1)));
  ASSERT_TRUE(queue_.TryPush(std::make_unique<int>(2)));
  // when
  auto refused = queue_.TryPush(std::make_unique<int>(3), 40);
  // then
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kResourceExhausted);
  EXPECT_EQ(refused.error().retry_after_ms, 40);
  EXPECT_EQ(**PopNow(), 1);
  EXPECT_TRUE(queue_.TryPush(std::make_unique<int>(3)));
}

TEST_F(QueueTest, AClosedQueueRefusesAndStillGivesWhatItHolds) {
  // given
  ASSERT_TRUE(queue_.TryPush(std::make_unique<int>(1)));
  // when
  queue_.Close();
  // then
  EXPECT_EQ(queue_.TryPush(std::make_unique<int>(2)).error().code, Code::kUnavailable);
  EXPECT_EQ(**PopNow(), 1);
  EXPECT_EQ(PopNow().error().code, Code::kCancelled);
}

asio::awaitable<void> PopInto(BoundedQueue<int>* queue, std::shared_ptr<Result<int>> result) {
  *result = co_await queue->Pop();
}

TEST(QueueWaitTest, APushWakesOneThatWaitsAndCancellingStopsTheWait) {
  // given
  asio::io_context context;
  Scope scope(context.get_executor());
  BoundedQueue<int> queue(4, "the queue");
  auto first = std::make_shared<Result<int>>(0), second = std::make_shared<Result<int>>(0);
  ASSERT_TRUE(scope.Spawn(PopInto(&queue, first)));
  ASSERT_TRUE(scope.Spawn(PopInto(&queue, second)));
  context.poll();
  // when
  ASSERT_TRUE(queue.TryPush(7));
  context.poll();
  scope.Cancel();
  context.run();
  // then
  EXPECT_EQ(first->value(), 7);
  EXPECT_EQ(second->error().code, Code::kCancelled);
  EXPECT_EQ(scope.running(), 0u);
}
}  // namespace
}  // namespace troupe::async
