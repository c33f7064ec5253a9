#include "agents/host/text_turns.h"

#include <gtest/gtest.h>

#include <future>
#include <vector>

namespace troupe::host {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

struct Sender final : TextSender {
  std::promise<void> came;
  void TurnCame() override { came.set_value(); }
};

TEST(TextTurns, TheFirstOneGoesAtOnceAndTheNextOneWaits) {
  TextTurns turns(hours(1));
  const auto a = std::make_shared<Sender>(), b = std::make_shared<Sender>();
  EXPECT_TRUE(turns.Take(a));
  EXPECT_FALSE(turns.Take(b));
  EXPECT_FALSE(turns.Take(a));
  EXPECT_EQ(b->came.get_future().wait_for(milliseconds(0)), std::future_status::timeout);
}  // and its end waits for nobody

TEST(TextTurns, MoreCoresSendMorePieces) {
  EXPECT_EQ(TextTurns::GapFor(1), std::chrono::nanoseconds(1'000'000'000 / 60));
  EXPECT_EQ(TextTurns::GapFor(4), std::chrono::nanoseconds(1'000'000'000 / 240));
  EXPECT_EQ(TextTurns::GapFor(0), TextTurns::GapFor(1));
}

TEST(TextTurns, WithoutAGapNobodyWaits) {
  TextTurns turns(milliseconds(0));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(turns.Take(std::make_shared<Sender>()));
}

TEST(TextTurns, TurnsComeInOrderAndSomeGapApart) {
  TextTurns turns(milliseconds(3));
  EXPECT_TRUE(turns.Take(std::make_shared<Sender>()));
  const auto begin = TextTurns::Clock::now();
  std::vector<std::shared_ptr<Sender>> senders;
  for (int i = 0; i < 4; ++i) {
    senders.push_back(std::make_shared<Sender>());
    EXPECT_FALSE(turns.Take(senders.back()));
  }
  senders[3]->came.get_future().get();
  for (int i = 0; i < 3; ++i) senders[i]->came.get_future().get();  // came before
  EXPECT_GE(TextTurns::Clock::now() - begin, milliseconds(9));
}

TEST(TextTurns, WhoIsGoneCostsNoTurn) {
  TextTurns turns(milliseconds(1));
  EXPECT_TRUE(turns.Take(std::make_shared<Sender>()));
  for (int i = 0; i < 100; ++i) turns.Take(std::make_shared<Sender>());
  const auto last = std::make_shared<Sender>();
  turns.Take(last);
  last->came.get_future().get();
}

}  // namespace
}  // namespace troupe::host
