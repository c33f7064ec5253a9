#include "runtime/engine/queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/engine/fixture.h"

namespace troupe::engine {
namespace {

using ::testing::ElementsAre;

class QueueTest : public testing::Test {
 protected:
  QueueTest() {
    environment_.tokenizer = text::TinyTokenizer();
    environment_.max_context = 100;
    environment_.clock = &clock_;
  }

  std::unique_ptr<Sequence> Make(int32_t priority = 0, int64_t deadline_ns = 0, Handle handle = Handle()) {
    Request request = MakeRequest("a");
    request.priority = priority;
    request.deadline_ns = deadline_ns;
    return std::make_unique<Sequence>(Ticket{std::move(request), {}, handle, 0, ++arrivals_}, environment_);
  }
  void Push(int32_t priority = 0) { queue_.Push(Make(priority)); }

  ManualClock clock_;
  SequenceEnvironment environment_;
  uint64_t arrivals_ = 0;
  Queue queue_;
};

TEST_F(QueueTest, HigherPriorityThenArrival) {
  for (const int32_t priority : {0, 5, 0, 5}) Push(priority);
  std::vector<uint64_t> order;
  while (!queue_.empty()) order.push_back(queue_.Pop().sequence->rank().arrival);
  EXPECT_THAT(order, ElementsAre(2, 4, 1, 3));
}

TEST_F(QueueTest, OneThatGaveWayIsBeforeThoseThatCameLater) {
  Push();
  Push();
  auto first = queue_.Pop();
  queue_.Push(std::move(first.sequence));
  EXPECT_EQ(queue_.Pop().sequence->rank().arrival, 1u);
}

TEST_F(QueueTest, WhoIsPutBackIsWhereItWas) {
  for (int i = 0; i < 3; ++i) Push();
  for (int i = 0; i < 200; ++i) {
    Waiting next = queue_.Pop();
    ASSERT_EQ(next.sequence->rank(), (Rank{0, 1}));
    queue_.PutBack(std::move(next));
  }
  EXPECT_EQ(queue_.size(), 3u);
}

TEST_F(QueueTest, WhoWasOvertakenTooOftenIsNextAndStaysImportant) {
  Push(0);
  uint64_t overtaken = 0;
  while (true) {
    Push(9);
    const Waiting next = queue_.Pop();
    if (next.sequence->rank().arrival == 1) {
      EXPECT_EQ(next.sequence->rank().priority, INT32_MAX);
      break;
    }
    ASSERT_LE(++overtaken, kMaxOvertakes + 1);
  }
  EXPECT_GE(overtaken, kMaxOvertakes);
}

TEST_F(QueueTest, OneThatRanLongAndGaveWayIsNotOverdueForThat) {
  Push(0);
  auto first = queue_.Pop();
  for (uint64_t i = 0; i < 2 * kMaxOvertakes; ++i) {
    Push(9);
    queue_.Pop();
  }
  queue_.Push(std::move(first.sequence));
  Push(9);
  EXPECT_EQ(queue_.Pop().sequence->rank().priority, 9);
}

TEST_F(QueueTest, TheDeadAreTakenOut) {
  const auto cancels = std::make_shared<Handle::Count>(0);
  const Handle handle(cancels);
  queue_.Push(Make(0, 0, handle));
  queue_.Push(Make(0, 50));
  queue_.Push(Make(0, 80));
  EXPECT_TRUE(queue_.TakeDead(49, *cancels).empty());
  const auto late = queue_.TakeDead(50, *cancels);
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0]->rank().arrival, 2u);
  handle.Cancel();
  handle.Cancel();
  EXPECT_EQ(*cancels, 1u);
  const auto cancelled = queue_.TakeDead(51, *cancels);
  ASSERT_EQ(cancelled.size(), 1u);
  EXPECT_EQ(cancelled[0]->rank().arrival, 1u);
  EXPECT_TRUE(queue_.TakeDead(79, *cancels).empty());
  EXPECT_EQ(queue_.TakeDead(80, *cancels).size(), 1u);
  EXPECT_TRUE(queue_.empty());
}

}  // namespace
}  // namespace troupe::engine
