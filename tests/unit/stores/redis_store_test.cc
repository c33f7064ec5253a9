// Kept answers in a Redis: what is particular to it. A real one, of the test's own.
#include "router/stores/redis_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "router/stores/codec.h"
#include "runtime/base/digest.h"
#include "tests/support/eventually.h"
#include "tests/support/redis_server.h"
#include "tests/unit/stores/ask.h"

namespace troupe::stores {
namespace {

using testing::HasSubstr;

class RedisStoreTest : public testing::Test {
 protected:
  // What people say to a Redis; the reply as text, or "(nothing)".
  std::string Say(const std::vector<std::string>& words) {
    std::string out = "(nothing)";
    RedisLink link(*ParseRedisAddress(redis_.address()), SystemClock());
    link.Run({{.words = words, .done = [&out](const Result<const redisReply*>& reply) {
                 if (!reply) out = reply.error().message;
                 if (reply && (*reply)->type == REDIS_REPLY_INTEGER) out = std::to_string((*reply)->integer);
                 if (reply && (*reply)->str != nullptr) out.assign((*reply)->str, (*reply)->len);
               }}});
    return out;
  }
  static cache::Entry Made(const std::string& text, int64_t ttl_ms = 0, int64_t stale_ms = 0) {
    cache::Entry entry{
        .answer = "\"" + text + "\"", .made_at_ms = SystemClock().NowMs(), .ttl_ms = ttl_ms, .stale_ms = stale_ms};
    entry.answer_digest = Sha256Hex(entry.answer);
    return entry;
  }

  RedisServer redis_;
  RedisStore store_{*ParseRedisAddress(redis_.address()), SystemClock()};
};

TEST_F(RedisStoreTest, AnAnswerIsForgottenWhenItIsDead) {
  ASSERT_TRUE(Put(store_, "k", Made("x", 60'000, 30'000)));
  const int64_t left_ms = std::stoll(Say({"PTTL", "troupe:1:answer:k"}));
  EXPECT_LE(left_ms, 90'000);
  EXPECT_GT(left_ms, 60'000);
  // and what is never dead may be evicted all the same
  ASSERT_TRUE(Put(store_, "forever", Made("x")));
  EXPECT_GT(std::stoll(Say({"PTTL", "troupe:1:answer:forever"})), 300LL * 24 * 3600 * 1000);
}

TEST_F(RedisStoreTest, HostileValuesAreNoAnswers) {
  ASSERT_TRUE(Put(store_, "k", Made("x")));
  for (const std::string& value : {std::string(), std::string("\x00\xff\x00", 3), std::string(100'000, '\xff'),
                                   Encode("other", Made("another one's"))}) {
    Say({"SET", "troupe:1:answer:k", value});
    const auto found = Get(store_, "k");
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, std::nullopt);
  }
  // of another type it is an error, and of no consequence
  Say({"DEL", "troupe:1:answer:k"});
  Say({"RPUSH", "troupe:1:answer:k", "x"});
  EXPECT_EQ(Get(store_, "k").error().code, Code::kUnavailable);
  EXPECT_TRUE(Put(store_, "k", Made("y")));
  EXPECT_TRUE(*Get(store_, "k"));
  // and so with purges
  Say({"HSET", "troupe:1:purges", "g/a", "many", "g/b", "-3", "g/c", "99999999999999999999", "g/d", "4"});
  EXPECT_THAT(*SharePurges(store_), testing::ElementsAre(testing::Pair("g/d", 4)));
}

TEST_F(RedisStoreTest, GoesAndComesBack) {
  // given
  ASSERT_TRUE(Put(store_, "k", Made("x")));
  // when
  redis_.Kill();
  // then
  EXPECT_EQ(Get(store_, "k").error().code, Code::kUnavailable);
  EXPECT_FALSE(Put(store_, "k", Made("x")));
  EXPECT_FALSE(CountPurge(store_, "g/a"));
  redis_.Start();
  EXPECT_TRUE(Eventually("it is connected again", [&] { return Put(store_, "k", Made("y")).has_value(); }));
  EXPECT_EQ((*Get(store_, "k"))->answer, "\"y\"");
}

TEST_F(RedisStoreTest, OneThatSaysNothingIsGivenUp) {
  ASSERT_TRUE(Put(store_, "k", Made("x")));
  redis_.Freeze();
  const auto found = Get(store_, "k");
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("no answer"));
  redis_.Thaw();
  EXPECT_TRUE(Eventually("it is connected again", [&] { return Get(store_, "k").has_value(); }));
}

TEST_F(RedisStoreTest, WhatIsAskedWhileItIsBusyGoesOutTogether) {
  // given answers to ask for
  constexpr int kAsked = 2'000;
  for (int i = 0; i < kAsked; ++i) ASSERT_TRUE(Put(store_, std::to_string(i), Made(std::to_string(i))));
  const std::vector<std::string> reads{
      "EVAL", "return tonumber(string.match(redis.call('INFO', 'stats'), 'total_reads_processed:(%d+)'))", "0"};
  const long long before = std::stoll(Say(reads));
  // when
  redis_.Freeze();
  std::atomic<int> found{0};
  std::promise<void> all;
  for (int i = 0; i < kAsked; ++i) {
    store_.Get(std::to_string(i), [&](const Result<std::optional<cache::Entry>>& entry) {
      EXPECT_TRUE(entry && *entry);
      if (++found == kAsked) all.set_value();
    });
  }
  redis_.Thaw();
  all.get_future().wait();
  // then far fewer pieces went to the server than questions
  EXPECT_LT(std::stoll(Say(reads)) - before, kAsked / 20);
}

TEST_F(RedisStoreTest, AFullOneIsReadOnAndSaysSo) {
  ASSERT_TRUE(Put(store_, "k", Made("x")));
  Say({"CONFIG", "SET", "maxmemory", "1"});
  const Status put = Put(store_, "l", Made("x"));
  ASSERT_FALSE(put);
  EXPECT_THAT(put.error().message, HasSubstr("OOM"));
  EXPECT_TRUE(*Get(store_, "k"));
}

TEST(RedisLink, SaysItsPasswordAndTakesItsDatabase) {
  RedisServer redis({"--requirepass", "s3cret"});
  const std::string place = "127.0.0.1:" + std::to_string(redis.port());
  {
    RedisStore locked_out(*ParseRedisAddress("redis://" + place), SystemClock());
    const auto found = Get(locked_out, "k");
    ASSERT_FALSE(found);
    EXPECT_THAT(found.error().message, HasSubstr("NOAUTH"));
  }
  RedisStore wrong(*ParseRedisAddress("redis://:no@" + place), SystemClock());
  EXPECT_THAT(Get(wrong, "k").error().message, HasSubstr("WRONGPASS"));
  RedisStore third(*ParseRedisAddress("redis://:s3cret@" + place + "/3"), SystemClock());
  EXPECT_TRUE(SharePurges(third, {{"g/", 2}}));
  RedisStore default_user(*ParseRedisAddress("redis://default:s3cret@" + place + "/3"), SystemClock());
  EXPECT_EQ(SharePurges(default_user)->at("g/"), 2);
  RedisStore other(*ParseRedisAddress("redis://:s3cret@" + place + "/4"), SystemClock());
  EXPECT_TRUE(SharePurges(other)->empty());
}

TEST(RedisLink, ANameThatIsNowhereIsAnError) {
  RedisStore store(*ParseRedisAddress("redis://nowhere.invalid"), SystemClock());
  const auto found = Get(store, "k");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace troupe::stores
