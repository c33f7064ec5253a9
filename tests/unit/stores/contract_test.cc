// What every store of answers does, in memory, in an SQLite file and in a real Redis; and what those two do beside it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "router/cache/freshness.h"
#include "router/cache/memory_store.h"
#include "router/stores/open.h"
#include "runtime/base/digest.h"
#include "tests/support/redis_server.h"
#include "tests/unit/stores/ask.h"

namespace troupe::stores {
namespace {

using testing::ElementsAre;
using testing::Pair;

enum class Kind { kMemory, kSqlite, kRedis };

class StoreTest : public testing::TestWithParam<Kind> {
 protected:
  StoreTest() {
    if (GetParam() == Kind::kRedis) redis_ = std::make_unique<RedisServer>();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    Open();
  }
  ~StoreTest() override {
    Close();
    std::filesystem::remove_all(folder_);
  }
  void Open() {
    if (GetParam() == Kind::kMemory) {
      store_ = std::make_unique<cache::MemoryStore>(cache::TinyLfuOptions{.max_bytes = 10u << 20}, clock_);
      return;
    }
    const std::string name =
        GetParam() == Kind::kRedis ? redis_->address() : "sqlite:" + (folder_ / "answers.db").string();
    auto store = stores::Open({.store = name}, clock_, nullptr);
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
  }
  void Close() {
    if (store_ && GetParam() != Kind::kMemory) back().Stop();
    store_.reset();
  }
  cache::BackStore& back() { return dynamic_cast<cache::BackStore&>(*store_); }
  // Nothing for no answer and for an error alike.
  std::optional<cache::Entry> Get(const std::string& key) {
    auto found = stores::Get(*store_, key);
    EXPECT_TRUE(found) << found.error().message;
    return found ? *found : std::nullopt;
  }
  void Put(const std::string& key, const cache::Entry& entry) {
    const Status put = stores::Put(*store_, key, entry);
    EXPECT_TRUE(put) << put.error().message;
  }
  cache::Entry Made(const std::string& answer_json, int64_t ttl_ms = 0, int64_t stale_ms = 0) {
    return {.answer = answer_json,
            .answer_digest = Sha256Hex(answer_json),
            .made_at_ms = clock_.NowMs(),
            .ttl_ms = ttl_ms,
            .stale_ms = stale_ms,
            .device_ms = 5,
            .tokens = 6,
            .money_micros = 7};
  }

  const std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("stores-" + std::to_string(getpid()));
  // Redis forgets by its own clock, so the test's begins there.
  ManualClock clock_{SystemClock().NowMs()};
  std::unique_ptr<RedisServer> redis_;
  std::unique_ptr<cache::CacheStore> store_;
};

std::string NameOf(const testing::TestParamInfo<Kind>& kind) {
  return kind.param == Kind::kMemory ? "memory" : kind.param == Kind::kSqlite ? "sqlite" : "redis";
}

TEST_P(StoreTest, GivesWhatWasPutLast) {
  EXPECT_EQ(Get("k"), std::nullopt);
  Put("k", Made("\"one\""));
  Put("k", Made("\"two\""));
  EXPECT_EQ(Get("k"), Made("\"two\""));
  EXPECT_EQ(Get("other"), std::nullopt);
  EXPECT_EQ(store_->GetStats().hits, 1);
  EXPECT_EQ(store_->GetStats().misses, 2);
}

TEST_P(StoreTest, GivesStaleAnswersAndNoDeadOnes) {
  // given
  Put("k", Made("1", 60'000, 30'000));
  // when, then
  clock_.Advance(59'999);
  EXPECT_EQ(FreshnessOf(*Get("k"), clock_.NowMs()), cache::Freshness::kFresh);
  clock_.Advance(1);
  EXPECT_EQ(FreshnessOf(*Get("k"), clock_.NowMs()), cache::Freshness::kStale);
  clock_.Advance(30'000);
  EXPECT_EQ(Get("k"), std::nullopt);
}

TEST_P(StoreTest, KeepsTextsOfAnyKind) {
  const std::string odd = "{\"a\":\"\\u0000 \xc3\xa9 \xf0\x9f\x9a\xa2 \\\" '\",\"b\":[]}";
  Put("k' OR 1=1 --\r\n$3", Made(odd));
  EXPECT_EQ(Get("k' OR 1=1 --\r\n$3")->answer, odd);
  const std::string large = "\"" + std::string(1u << 20, 'x') + "\"";
  Put("large", Made(large));
  EXPECT_EQ(Get("large")->answer, large);
}

TEST_P(StoreTest, AnswersManyAtOnce) {
  constexpr int kThreads = 8, kEach = 200;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        const std::string key = std::to_string(t) + "-" + std::to_string(i);
        Put(key, Made(std::to_string(i)));
        EXPECT_EQ(Get(key)->answer, std::to_string(i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreTest, testing::Values(Kind::kMemory, Kind::kSqlite, Kind::kRedis), NameOf);

using BackStoreTest = StoreTest;

TEST_P(BackStoreTest, IsFoundAgainAfterARestart) {
  // given
  Put("k", Made("\"kept\"", 60'000));
  ASSERT_EQ(*CountPurge(back(), "g/a"), 1);
  // when
  Close();
  Open();
  // then
  EXPECT_EQ(Get("k"), Made("\"kept\"", 60'000));
  EXPECT_THAT(*SharePurges(back()), ElementsAre(Pair("g/a", 1)));
}

TEST_P(BackStoreTest, CountsPurgesAndHearsOfOthers) {
  EXPECT_EQ(*CountPurge(back(), "g/"), 1);
  EXPECT_EQ(*CountPurge(back(), "g/"), 2);
  // one router knows more than the store, which may have lost it, and less
  const auto counts = SharePurges(back(), {{"g/", 1}, {"h/a", 7}});
  ASSERT_TRUE(counts) << counts.error().message;
  EXPECT_THAT(*counts, ElementsAre(Pair("g/", 2), Pair("h/a", 7)));
  EXPECT_EQ(*CountPurge(back(), "h/a"), 8);
}

TEST_P(BackStoreTest, QuestionsComeWithTheirAnswers) {
  cache::Entry entry = Made("\"In the settings.\"");
  entry.question = "How can I change my password?";
  entry.partition = "p";
  entry.vector = std::string("\x01\x02\x00\x00\x80\x3f", 6);
  Put("k", entry);
  EXPECT_EQ(Get("k"), entry);
}

TEST_P(BackStoreTest, RefusesOnceItIsStopped) {
  back().Stop();
  EXPECT_EQ(stores::Get(*store_, "k").error().code, Code::kResourceExhausted);
  EXPECT_FALSE(stores::Put(*store_, "k", Made("1")));
  EXPECT_FALSE(SharePurges(back()));
}

INSTANTIATE_TEST_SUITE_P(Stores, BackStoreTest, testing::Values(Kind::kSqlite, Kind::kRedis), NameOf);

}  // namespace
}  // namespace troupe::stores
