#include "router/cache/single_flight.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "runtime/async/queue.h"

namespace troupe::cache {
namespace asio = boost::asio;

namespace {

// One thread, turned by hand: what happens when is the test's decision.
class SingleFlightTest : public testing::Test {
 protected:
  using Answers = async::BoundedQueue<Result<int>>;
  using Got = std::shared_ptr<std::optional<Result<int>>>;

  static asio::awaitable<Result<int>> Work(SingleFlightTest* self) {
    ++self->calls_;
    auto answer = co_await self->answers_.Pop();
    self->cancelled_ += answer ? 0 : 1;
    if (!answer) co_return answer.error();
    co_return *answer;
  }
  static asio::awaitable<void> Caller(SingleFlightTest* self, std::string key, Got got) {
    *got = co_await self->flight_.Do(key, [self] { return Work(self); });
  }
  struct Call {
    Got got = std::make_shared<std::optional<Result<int>>>();
    std::function<void()> cancel;
  };
  Call Start(const std::string& key) {
    Call call;
    call.cancel = *callers_.SpawnCancellable(Caller(this, key, call.got));
    Turn();
    return call;
  }
  void Turn() {
    context_.restart();
    context_.poll();
  }
  void Answer(Result<int> answer) {
    ASSERT_TRUE(answers_.TryPush(std::move(answer)));
    Turn();
  }
  void TearDown() override {
    callers_.Cancel();
    Turn();
    answers_.Close();
    Turn();
    flight_.Close();
  }

  asio::io_context context_;
  Answers answers_{10, "answers"};
  int calls_ = 0, cancelled_ = 0;
  SingleFlight<int> flight_{context_.get_executor()};
  async::Scope callers_{context_.get_executor()};
};

TEST_F(SingleFlightTest, EqualCallsAreMadeOnceOthersByThemselves) {
  // given
  const Call first = Start("a"), second = Start("a"), other = Start("b");
  EXPECT_EQ(calls_, 2);
  // when
  Answer(1);
  // then
  EXPECT_EQ((*first.got)->value(), 1);
  EXPECT_EQ((*second.got)->value(), 1);
  EXPECT_FALSE(other.got->has_value());
  Answer(2);
  EXPECT_EQ((*other.got)->value(), 2);
  EXPECT_EQ(flight_.flights(), 0u);
}

TEST_F(SingleFlightTest, AFailureIsSharedAndForgotten) {
  // given
  const Call first = Start("a"), second = Start("a");
  // when
  Answer(Unavailable("no replica"));
  const Call third = Start("a");
  Answer(3);
  // then
  EXPECT_EQ((*first.got)->error().code, Code::kUnavailable);
  EXPECT_EQ((*second.got)->error().message, "no replica");
  EXPECT_EQ((*third.got)->value(), 3);
  EXPECT_EQ(calls_, 2);
}

TEST_F(SingleFlightTest, OneThatGoesEndsTheWorkOnlyWhereItIsTheLast) {
  // given
  const Call first = Start("a"), second = Start("a");
  // when: the one that started it goes
  first.cancel();
  Turn();
  // then
  EXPECT_EQ((*first.got)->error().code, Code::kCancelled);
  EXPECT_EQ(cancelled_, 0);
  EXPECT_FALSE(second.got->has_value());
  // when: the last one goes
  second.cancel();
  Turn();
  // then
  EXPECT_EQ((*second.got)->error().code, Code::kCancelled);
  EXPECT_EQ(cancelled_, 1);
  EXPECT_EQ(flight_.flights(), 0u);
}

TEST_F(SingleFlightTest, OneThatComesAfterTheLastHasGoneStartsAnew) {
  // given
  const Call first = Start("a");
  first.cancel();
  Turn();
  // when
  const Call second = Start("a");
  Answer(5);
  // then
  EXPECT_EQ(calls_, 2);
  EXPECT_EQ((*second.got)->value(), 5);
}

TEST_F(SingleFlightTest, ClosingTellsThoseWhoWait) {
  // given
  const Call first = Start("a");
  // when
  std::thread closer([this] { flight_.Close(); });
  while (!first.got->has_value()) Turn();
  closer.join();
  Turn();
  // then
  EXPECT_EQ((*first.got)->error().code, Code::kCancelled);
  EXPECT_EQ((*Start("a").got)->error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace troupe::cache
