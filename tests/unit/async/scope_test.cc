#include "runtime/async/scope.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace troupe::async {
namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {
// Waits until it is cancelled; says so.
asio::awaitable<void> WaitForEver(std::shared_ptr<std::atomic<int>> cancelled) {
  asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
  boost::system::error_code failed;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, failed));
  if (failed == asio::error::operation_aborted) ++*cancelled;
}

asio::awaitable<void> Set(std::shared_ptr<std::promise<void>> done) {
  done->set_value();
  co_return;
}

class ScopeTest : public testing::Test {
 protected:
  ScopeTest() {
    for (int i = 0; i < 2; ++i) threads_.emplace_back([this] { context_.run(); });
  }
  ~ScopeTest() override {
    guard_.reset();
    for (auto& thread : threads_) thread.join();
  }

  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> guard_{context_.get_executor()};
  std::vector<std::thread> threads_;
  std::shared_ptr<std::atomic<int>> cancelled_ = std::make_shared<std::atomic<int>>(0);
};

TEST_F(ScopeTest, RunsWhatIsSpawnedAndJoins) {
  // given
  Scope scope(context_.get_executor());
  auto done = std::make_shared<std::promise<void>>();
  // when
  ASSERT_TRUE(scope.Spawn(Set(done)));
  // then
  done->get_future().wait();
  EXPECT_TRUE(scope.Join(milliseconds(10'000)));
  EXPECT_EQ(scope.running(), 0u);
}

TEST_F(ScopeTest, CloseCancelsEverythingAndWaits) {
  // given
  Scope scope(context_.get_executor());
  constexpr int kPieces = 50;
  for (int i = 0; i < kPieces; ++i) ASSERT_TRUE(scope.Spawn(WaitForEver(cancelled_)));
  // when
  scope.Close();
  // then: each either saw the cancellation, or was cancelled before it began to wait and never ran further
  EXPECT_EQ(scope.running(), 0u);
}

TEST_F(ScopeTest, RefusesWorkOnceClosing) {
  // given
  Scope scope(context_.get_executor());
  scope.Close();
  // when
  auto spawned = scope.Spawn(WaitForEver(cancelled_));
  // then
  ASSERT_FALSE(spawned);
  EXPECT_EQ(spawned.error().code, Code::kUnavailable);
}

TEST_F(ScopeTest, JoinGivesUpAtItsLimit) {
  // given
  Scope scope(context_.get_executor());
  ASSERT_TRUE(scope.Spawn(WaitForEver(cancelled_)));
  // when, then
  EXPECT_FALSE(scope.Join(milliseconds(1)));
  EXPECT_EQ(scope.running(), 1u);
  scope.Close();
}

TEST_F(ScopeTest, OnePieceIsCancelledAlone) {
  // given
  Scope scope(context_.get_executor());
  auto first = scope.SpawnCancellable(WaitForEver(cancelled_));
  ASSERT_TRUE(first);
  ASSERT_TRUE(scope.Spawn(WaitForEver(cancelled_)));
  // when
  (*first)();
  // then
  while (scope.running() != 1) std::this_thread::yield();
  (*first)();  // again, once it is gone: nothing happens
  EXPECT_EQ(scope.running(), 1u);
  scope.Close();
}

TEST_F(ScopeTest, AnOwnerOnTheExecutorWaitsAsACoroutine) {
  // given
  Scope scope(context_.get_executor());
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(scope.Spawn(WaitForEver(cancelled_)));
  // when
  asio::co_spawn(context_, scope.CloseAsync(), asio::use_future).get();
  // then
  EXPECT_EQ(scope.running(), 0u);
}
}  // namespace
}  // namespace troupe::async
