#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <thread>

#include "tests/unit/rpc/fixture.h"

namespace troupe::rpc {
namespace asio = boost::asio;

namespace {
class UnaryTest : public RpcTest {
 protected:
  UnaryTest() : thread_([this] { context_.run(); }), scope_(context_.get_executor()) {}
  ~UnaryTest() override {
    server_.reset();
    scope_.Close();
    guard_.reset();
    thread_.join();
  }

  Result<v1::DescribeResponse> Call(int64_t timeout_ms = 30'000) {
    return asio::co_spawn(
               context_,
               CallUnary<v1::DescribeResponse>(DescribeMethod(), v1::DescribeRequest(), {.timeout_ms = timeout_ms}),
               asio::use_future)
        .get();
  }

  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> guard_{context_.get_executor()};
  std::thread thread_;
  async::Scope scope_;
};

asio::awaitable<Status> Fill(v1::DescribeResponse* response) {
  response->set_agent("writer");
  co_return Status{};
}

// Ends only by cancellation.
asio::awaitable<Status> Wait(std::shared_ptr<Flag> started, std::shared_ptr<Flag> cancelled) {
  asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
  started->Set();
  boost::system::error_code failed;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, failed));
  cancelled->Set();
  co_return Cancelled("stopped");
}

TEST_F(UnaryTest, ACoroutineAnswersACoroutine) {
  // given
  service_.describe = [this](auto*, auto* response) { return ServeUnary(scope_, Fill(response)); };
  // when
  auto result = Call();
  // then
  ASSERT_TRUE(result) << ToString(result.error());
  EXPECT_EQ(result->agent(), "writer");
}

TEST_F(UnaryTest, AnErrorArrivesWithItsRetryAdvice) {
  // given
  service_.describe = [](auto* context, auto*) { return AnswerNow(context, ToGrpc(Exhausted("full", 70))); };
  // when
  auto result = Call();
  // then
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), Exhausted("full", 70));
}

TEST_F(UnaryTest, TheDeadlineReachesTheServerAndStopsItsWork) {
  // given
  auto started = std::make_shared<Flag>(), cancelled = std::make_shared<Flag>();
  std::optional<int64_t> left;
  service_.describe = [&](grpc::CallbackServerContext* context, auto*) {
    left = RemainingMs(*context);
    return ServeUnary(scope_, Wait(started, cancelled));
  };
  ASSERT_TRUE(channel_->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(30)));
  // when
  auto result = Call(200);
  // then
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::kDeadlineExceeded);
  EXPECT_TRUE(cancelled->Wait());
  ASSERT_TRUE(left.has_value());
  EXPECT_LE(*left, 201);
}

TEST_F(UnaryTest, ADroppedReplyEndsAsCancelled) {
  // given
  service_.describe = [](auto*, auto*) { return Reply::Open().second; };
  // when
  auto result = Call();
  // then
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::kCancelled);
}

TEST_F(UnaryTest, CancellingTheCallerCancelsTheServer) {
  // given
  auto started = std::make_shared<Flag>(), cancelled = std::make_shared<Flag>();
  service_.describe = [&](auto*, auto*) { return ServeUnary(scope_, Wait(started, cancelled)); };
  std::promise<Result<v1::DescribeResponse>> ended;
  auto cancel = CallUnary<v1::DescribeResponse>(DescribeMethod(), v1::DescribeRequest(), {},
                                                [&](auto result) { ended.set_value(std::move(result)); });
  ASSERT_TRUE(started->Wait());
  // when
  cancel();
  // then
  EXPECT_EQ(ended.get_future().get().error().code, Code::kCancelled);
  EXPECT_TRUE(cancelled->Wait());
}

asio::awaitable<void> CallOnce(std::function<asio::awaitable<Result<v1::DescribeResponse>>()> call,
                               std::shared_ptr<std::atomic<int>> ended) {
  auto result = co_await call();
  if (!result) {
    EXPECT_EQ(result.error().code, Code::kCancelled);
  }
  ++*ended;
}

TEST_F(UnaryTest, CallsRacedAgainstCancellationAllEndOnce) {
  // given
  service_.describe = [this](auto*, auto* response) { return ServeUnary(scope_, Fill(response)); };
  async::Scope callers(context_.get_executor());
  auto ended = std::make_shared<std::atomic<int>>(0);
  constexpr int kCalls = 1'000;
  std::function<asio::awaitable<Result<v1::DescribeResponse>>()> call = [this] {
    return CallUnary<v1::DescribeResponse>(DescribeMethod(), v1::DescribeRequest(), {.timeout_ms = 30'000});
  };
  // when: each is cancelled at a different moment of its life
  std::vector<std::function<void()>> cancels;
  for (int i = 0; i < kCalls; ++i) {
    auto cancel = callers.SpawnCancellable(CallOnce(call, ended));
    ASSERT_TRUE(cancel);
    cancels.push_back(std::move(*cancel));
    if (i >= 8) cancels[i - 8]();
  }
  // then
  EXPECT_TRUE(callers.Join(std::chrono::seconds(60)));
  // a piece that is cancelled before it begins does not run at all
  EXPECT_LE(*ended, kCalls);
  EXPECT_GT(*ended, 0);
}
}  // namespace
}  // namespace troupe::rpc
