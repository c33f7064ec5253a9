#include "router/cache/memory_store.h"

#include <gtest/gtest.h>

#include <limits>

#include "router/cache/freshness.h"

namespace troupe::cache {
namespace {

// What every store does: tests/unit/stores/contract_test.cc.
TEST(MemoryStoreTest, KeepsToItsBytes) {
  MemoryStore store({.max_bytes = 100'000, .expected_entries = 100});
  for (int i = 0; i < 1'000; ++i) store.Set(std::to_string(i), {.answer = std::string(1'000, 'a')});
  const auto stats = store.GetStats();
  EXPECT_LE(stats.bytes, 100'000u);
  EXPECT_GT(stats.entries, 50u);
  EXPECT_EQ(stats.evicted + stats.refused + static_cast<int64_t>(stats.entries), 1'000);
}

TEST(MemoryStoreTest, WhatIsDeadTakesNoRoom) {
  ManualClock clock;
  MemoryStore store({}, clock);
  store.Set("k", {.answer = "1", .made_at_ms = clock.NowMs(), .ttl_ms = 10});
  clock.Advance(10);
  EXPECT_EQ(store.Find("k"), std::nullopt);
  EXPECT_EQ(store.GetStats().entries, 0u);
}

TEST(FreshnessTest, HoldsWithClocksThatAreWrong) {
  constexpr int64_t kLast = std::numeric_limits<int64_t>::max(), kFirst = std::numeric_limits<int64_t>::min();
  EXPECT_EQ(FreshnessOf({.made_at_ms = 5'000, .ttl_ms = 10}, 0), Freshness::kFresh);
  EXPECT_EQ(FreshnessOf({.made_at_ms = kFirst, .ttl_ms = 10, .stale_ms = 10}, kLast), Freshness::kDead);
  EXPECT_EQ(FreshnessOf({.made_at_ms = 0, .ttl_ms = 10, .stale_ms = kLast}, kLast), Freshness::kStale);
  EXPECT_EQ(FreshnessOf({.made_at_ms = 0}, kLast), Freshness::kFresh);
}

}  // namespace
}  // namespace troupe::cache
