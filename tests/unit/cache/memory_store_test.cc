#include "router/cache/memory_store.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <limits>

#include "router/cache/freshness.h"

namespace troupe::cache {
namespace asio = boost::asio;

namespace {

class MemoryStoreTest : public testing::Test {
 protected:
  template <typename T>
  T Now(asio::awaitable<T> work) {
    auto done = asio::co_spawn(context_, std::move(work), asio::use_future);
    context_.restart();
    context_.run();
    return done.get();
  }
  std::optional<Entry> Get(const std::string& key) { return *Now(store_.Get(key)); }
  void Put(const std::string& key, Entry entry) { EXPECT_TRUE(Now(store_.Put(key, std::move(entry)))); }
  Entry Made(const std::string& answer, int64_t ttl_ms = 0, int64_t stale_ms = 0, const std::string& partition = "p") {
    return {
        .partition = partition, .answer = answer, .made_at_ms = clock_.NowMs(), .ttl_ms = ttl_ms, .stale_ms = stale_ms};
  }

  asio::io_context context_;
  ManualClock clock_;
  MemoryStore store_{{.max_bytes = 100'000, .expected_entries = 100}, clock_};
};

TEST_F(MemoryStoreTest, GivesWhatWasPutLast) {
  EXPECT_EQ(Get("k"), std::nullopt);
  Put("k", Made("one"));
  Put("k", Made("two"));
  EXPECT_EQ(Get("k")->answer, "two");
  EXPECT_TRUE(Now(store_.Remove("k")));
  EXPECT_TRUE(Now(store_.Remove("k")));
  EXPECT_EQ(Get("k"), std::nullopt);
  const auto stats = store_.GetStats();
  EXPECT_EQ(stats.hits, 1);
  EXPECT_EQ(stats.misses, 2);
  EXPECT_EQ(stats.entries, 0u);
}

TEST_F(MemoryStoreTest, GivesStaleAnswersAndNoDeadOnes) {
  // given
  Put("k", Made("one", 1'000, 500));
  // when, then
  clock_.Advance(999);
  EXPECT_EQ(FreshnessOf(*Get("k"), clock_.NowMs()), Freshness::kFresh);
  clock_.Advance(1);
  EXPECT_EQ(FreshnessOf(*Get("k"), clock_.NowMs()), Freshness::kStale);
  clock_.Advance(500);
  EXPECT_EQ(Get("k"), std::nullopt);
  EXPECT_EQ(store_.GetStats().entries, 0u);
}

TEST_F(MemoryStoreTest, KeepsToItsBytes) {
  for (int i = 0; i < 1'000; ++i) Put(std::to_string(i), Made(std::string(1'000, 'a')));
  const auto stats = store_.GetStats();
  EXPECT_LE(stats.bytes, 100'000u);
  EXPECT_GT(stats.entries, 50u);
  EXPECT_EQ(stats.evicted + stats.refused + static_cast<int64_t>(stats.entries), 1'000);
}

TEST_F(MemoryStoreTest, APartitionGoesAsAWhole) {
  // given
  for (int i = 0; i < 10; ++i) Put(std::to_string(i), Made("x", 0, 0, i < 4 ? "one" : "other"));
  // when
  EXPECT_EQ(*Now(store_.RemovePartition("one")), 4u);
  EXPECT_EQ(*Now(store_.RemovePartition("one")), 0u);
  // then
  EXPECT_EQ(Get("0"), std::nullopt);
  EXPECT_EQ(Get("9")->answer, "x");
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
