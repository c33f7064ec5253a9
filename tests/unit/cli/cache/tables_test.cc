#include "router/cli/cache/tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(CacheTables, TellHitsAndWhatTheySaved) {
  // given
  v1::StatsResponse stats;
  stats.set_max_bytes(256 << 20);
  stats.set_bytes(3 << 20);
  stats.set_entries(1200);
  v1::CacheTally& tally = *stats.add_tallies();
  tally.set_graph("help-desk");
  tally.set_step("handle.answer");
  tally.set_exact(2);
  tally.set_meaning(1);
  tally.set_misses(1);
  tally.set_checked(20);
  tally.set_wrong(1);
  tally.set_threshold(0.95);
  tally.set_saved_tokens(412);
  tally.set_saved_device_us(2'100'000);
  stats.add_tallies()->set_graph("refunds");
  // when
  const std::vector<std::string> lines = RenderCacheStats(stats, 0);
  // then
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_THAT(lines[1], HasSubstr("handle.answer"));
  EXPECT_THAT(lines[1], HasSubstr("75%"));
  EXPECT_THAT(lines[1], HasSubstr("from 0.95 on, 1 of 20 wrong"));
  EXPECT_THAT(lines[1], HasSubstr("412 tokens, "));
  EXPECT_THAT(lines[2], HasSubstr("(whole)"));
  EXPECT_THAT(lines[3], HasSubstr("answers kept, 3 MiB of 256 MiB; 0 had to go"));
}

TEST(CacheTables, TellOfTheStoreBehindMemory) {
  v1::StatsResponse stats;
  stats.set_max_bytes(1);
  v1::CacheStoreStats& store = *stats.mutable_store();
  store.set_name("redis://cache:6379/0");
  store.set_hits(7);
  store.set_misses(3);
  store.set_failures(4);
  EXPECT_EQ(
      RenderCacheStats(stats, 0).back(),
      "behind them redis://cache:6379/0: 7 answers found, 3 not; failed 4 times; does not answer and is left alone");
  store.set_in_use(true);
  store.set_failures(0);
  store.set_bytes(5 << 20);
  EXPECT_EQ(RenderCacheStats(stats, 0).back(), "behind them redis://cache:6379/0: 7 answers found, 3 not; 5 MiB");
}

TEST(CacheTables, SayWhereNothingIsKept) {
  EXPECT_THAT(RenderCacheStats({}, 0), ElementsAre(HasSubstr("--cache-memory 0")));
}

TEST(CacheTables, ExplainWithWhatWasNear) {
  v1::ExplainResponse explained;
  explained.set_why("miss: the guard spoke against all 1");
  v1::NearQuestion& near = *explained.add_near();
  near.set_text("How do I\nchange it?");
  near.set_similarity(0.98765);
  near.set_score(0.9);
  near.set_guard("polarity: 'not' here");
  const std::vector<std::string> lines = RenderExplained(explained, 0);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], "miss: the guard spoke against all 1");
  EXPECT_THAT(lines[2], HasSubstr("0.988"));
  EXPECT_THAT(lines[2], HasSubstr("polarity: 'not' here"));
}

}  // namespace
}  // namespace troupe::cli
