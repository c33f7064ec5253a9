#include "router/cache/tiny_lfu.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace troupe::cache {
namespace {

TEST(SketchTest, TellsWhatIsAskedForOftenFromWhatIsNot) {
  FrequencySketch sketch(1'000);
  for (int i = 0; i < 10; ++i) sketch.Count(1);
  sketch.Count(2);
  EXPECT_EQ(sketch.Estimate(1), 10);
  EXPECT_EQ(sketch.Estimate(2), 1);
  EXPECT_EQ(sketch.Estimate(3), 0);
  for (int i = 0; i < 100; ++i) sketch.Count(1);
  EXPECT_EQ(sketch.Estimate(1), 16);
}

TEST(SketchTest, ForgetsWhatIsNotAskedForAnyMore) {
  FrequencySketch sketch(64);
  for (int i = 0; i < 16; ++i) sketch.Count(1);
  for (uint64_t other = 100; other < 2'500; ++other) sketch.Count(other);
  EXPECT_LT(sketch.Estimate(1), 8);
}

bool Ask(TinyLfu& cache, const std::string& key, size_t bytes = 1) {
  const bool there = cache.Touch(key);
  if (!there) cache.Add(key, bytes);
  return there;
}

TEST(TinyLfuTest, AScanDrivesOutNothingThatIsAskedFor) {
  // given: ninety that are asked for again and again, more than the protected part holds
  TinyLfu cache({.max_bytes = 100, .expected_entries = 100});
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 90; ++i) Ask(cache, "often " + std::to_string(i));
  }
  // when
  for (int i = 0; i < 1'000; ++i) Ask(cache, "once " + std::to_string(i));
  // then
  int there = 0;
  for (int i = 0; i < 90; ++i) there += cache.Contains("often " + std::to_string(i)) ? 1 : 0;
  EXPECT_GE(there, 87);
}

TEST(TinyLfuTest, WhatIsAskedForOftenComesIn) {
  // given
  TinyLfu cache({.max_bytes = 100, .expected_entries = 100});
  for (int i = 0; i < 300; ++i) Ask(cache, "once " + std::to_string(i));
  // when
  for (int i = 0; i < 3; ++i) {
    Ask(cache, "new");
    Ask(cache, "next to push it out of the window");
  }
  // then
  EXPECT_TRUE(cache.Contains("new"));
}

TEST(TinyLfuTest, KeepsToItsBytesAndSaysAllThatGoes) {
  // given
  TinyLfu cache({.max_bytes = 10'000, .expected_entries = 100});
  std::mt19937 random(9);
  std::set<std::string> kept;
  for (int i = 0; i < 20'000; ++i) {
    const std::string key = std::to_string(random() % 500);
    // when
    if (random() % 20 == 0) {
      cache.Remove(key);
      kept.erase(key);
    } else if (!cache.Touch(key) || random() % 10 == 0) {
      kept.insert(key);
      for (const std::string& gone : cache.Add(key, random() % 1'000)) EXPECT_EQ(kept.erase(gone), 1u);
    }
    // then
    ASSERT_LE(cache.bytes(), 10'000u);
    ASSERT_EQ(cache.entries(), kept.size());
  }
  for (const std::string& key : kept) {
    EXPECT_TRUE(cache.Contains(key));
    cache.Remove(key);
  }
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(TinyLfuTest, RefusesWhatIsLargerThanAll) {
  TinyLfu cache({.max_bytes = 100, .expected_entries = 100});
  EXPECT_TRUE(cache.Add("small", 10).empty());
  EXPECT_EQ(cache.Add("large", 101), std::vector<std::string>{"large"});
  EXPECT_EQ(cache.Add("small", 1'000), std::vector<std::string>{"small"});
  EXPECT_EQ(cache.entries(), 0u);
  EXPECT_EQ(cache.bytes(), 0u);
}

}  // namespace
}  // namespace troupe::cache
