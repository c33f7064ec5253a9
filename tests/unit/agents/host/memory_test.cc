#include "agents/host/memory.h"

#include <gtest/gtest.h>

namespace troupe::host {
namespace {
TEST(MemoryTest, KeepsTheLastAnswerOfAKey) {
  // given
  ManualClock clock;
  Memory memory(clock);
  // when
  memory.Put("a", "first");
  memory.Put("a", "second");
  // then
  EXPECT_EQ(memory.Find("a"), "second");
  EXPECT_EQ(memory.Find("b"), std::nullopt);
}

TEST(MemoryTest, ForgetsTheOldestBeyondItsBytes) {
  // given: room for about ten
  ManualClock clock;
  Memory memory(clock, {.max_bytes = 10 * 1'200, .max_age_ms = 1'000'000});
  // when
  for (int i = 0; i < 100; ++i) memory.Put(std::to_string(i), std::string(1'000, 'x'));
  // then
  EXPECT_LE(memory.bytes(), 10u * 1'200);
  EXPECT_EQ(memory.Find("0"), std::nullopt);
  EXPECT_NE(memory.Find("99"), std::nullopt);
  EXPECT_NE(memory.Find("92"), std::nullopt);
}

TEST(MemoryTest, ForgetsWhatIsTooOldAndKeepsWhatWasPutAgain) {
  // given
  ManualClock clock;
  Memory memory(clock, {.max_bytes = 1 << 20, .max_age_ms = 1'000});
  memory.Put("old", "1");
  memory.Put("again", "1");
  clock.Advance(800);
  memory.Put("again", "2");
  // when
  clock.Advance(800);
  memory.Put("new", "1");
  // then
  EXPECT_EQ(memory.Find("old"), std::nullopt);
  EXPECT_EQ(memory.Find("again"), "2");
}

TEST(MemoryTest, AnAnswerLargerThanEverythingIsNotKept) {
  // given
  ManualClock clock;
  Memory memory(clock, {.max_bytes = 1'000, .max_age_ms = 1'000});
  memory.Put("small", "x");
  // when
  memory.Put("large", std::string(2'000, 'x'));
  // then
  EXPECT_EQ(memory.Find("large"), std::nullopt);
  EXPECT_EQ(memory.Find("small"), "x");
}
}  // namespace
}  // namespace troupe::host
