#include "router/cache/vector_index.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <random>
#include <set>
#include <thread>

#include "router/cache/coded_vector.h"

namespace troupe::cache {
namespace {

constexpr int kWidth = 32;

class VectorIndexTest : public testing::Test {
 protected:
  std::vector<float> Vector() {
    std::normal_distribution<float> numbers;
    std::vector<float> vector(kWidth);
    for (float& value : vector) value = numbers(random_);
    return vector;
  }
  static VectorIndexOptions Options(size_t exact_up_to, size_t max_entries = 100'000) {
    return {.graph = {.width = kWidth}, .max_entries = max_entries, .exact_up_to = exact_up_to};
  }

  std::mt19937 random_{3};
};

TEST_F(VectorIndexTest, FindsTheNearestFirstByExactCosine) {
  // given
  VectorIndex index(Options(10));
  const std::vector<float> a = Vector(), b = Vector();
  std::vector<float> between(kWidth);
  for (size_t i = 0; i < between.size(); ++i) between[i] = 3 * a[i] + b[i];
  ASSERT_TRUE(index.Set("p", 1, a));
  ASSERT_TRUE(index.Set("p", 2, b));
  // when
  const auto found = index.Search("p", between, 5);
  // then
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ((*found)[0].id, 1u);
  EXPECT_NEAR((*index.Search("p", a, 1))[0].similarity, 1.0, 1e-6);
}

TEST_F(VectorIndexTest, AGraphFindsWhatLookingThroughAllFinds) {
  // given
  VectorIndex exact(Options(100'000)), graph(Options(100));
  for (uint64_t id = 0; id < 3'000; ++id) {
    const auto vector = Vector();
    ASSERT_TRUE(exact.Set("p", id, vector));
    ASSERT_TRUE(graph.Set("p", id, vector));
  }
  // when
  int same = 0;
  for (int i = 0; i < 200; ++i) {
    const auto vector = Vector();
    const auto wanted = exact.Search("p", vector, 1), got = graph.Search("p", vector, 1);
    same += (*wanted)[0].id == (*got)[0].id && (*wanted)[0].similarity == (*got)[0].similarity ? 1 : 0;
  }
  // then
  EXPECT_GE(same, 196);
}

TEST_F(VectorIndexTest, WhatWasRemovedIsNotFoundAndItsPlaceIsTakenAgain) {
  // given
  VectorIndex index(Options(100, 1'000));
  std::vector<std::vector<float>> vectors;
  for (uint64_t id = 0; id < 1'000; ++id) {
    vectors.push_back(Vector());
    ASSERT_TRUE(index.Set("p", id, vectors.back()));
  }
  ASSERT_EQ(index.Set("p", 1'000, Vector()).error().code, Code::kResourceExhausted);
  // when
  for (uint64_t id = 0; id < 1'000; id += 2) EXPECT_TRUE(index.Remove("p", id));
  EXPECT_FALSE(index.Remove("p", 0));
  for (uint64_t id = 0; id < 1'000; ++id) {
    EXPECT_EQ((*index.Search("p", vectors[id], 1))[0].id == id, id % 2 == 1) << id;
  }
  for (uint64_t id = 1'000; id < 1'500; ++id) {
    vectors.push_back(Vector());
    ASSERT_TRUE(index.Set("p", id, vectors.back()));
  }
  // then
  for (uint64_t id = 0; id < 1'500; ++id) {
    const bool there = id >= 1'000 || id % 2 == 1;
    const auto found = index.Search("p", vectors[id], 1);
    EXPECT_EQ((*found)[0].id == id, there) << id;
  }
  EXPECT_EQ(index.GetStats().entries, 1'000u);
}

TEST_F(VectorIndexTest, AnIdHasOneVectorTheLast) {
  for (const size_t exact_up_to : {0u, 100u}) {
    VectorIndex index(Options(exact_up_to));
    const auto first = Vector(), second = Vector();
    ASSERT_TRUE(index.Set("p", 7, first));
    ASSERT_TRUE(index.Set("p", 7, second));
    EXPECT_EQ(index.GetStats().entries, 1u);
    EXPECT_NEAR((*index.Search("p", second, 2))[0].similarity, 1.0, 1e-6);
    EXPECT_EQ(index.Search("p", second, 2)->size(), 1u);
  }
}

TEST_F(VectorIndexTest, PartitionsKnowNothingOfEachOther) {
  VectorIndex index(Options(100));
  const auto vector = Vector();
  ASSERT_TRUE(index.Set("one tenant", 1, vector));
  EXPECT_TRUE(index.Search("another", vector, 1)->empty());
  ASSERT_TRUE(index.Set("another", 2, vector));
  EXPECT_EQ(index.RemovePartition("one tenant"), 1u);
  EXPECT_EQ(index.RemovePartition("one tenant"), 0u);
  EXPECT_EQ(index.GetStats().partitions, 1u);
  EXPECT_TRUE(index.Remove("another", 2));
  EXPECT_EQ(index.GetStats().partitions, 0u);
}

TEST_F(VectorIndexTest, RefusesWhatIsNoVector) {
  VectorIndex index(Options(100));
  EXPECT_EQ(index.Set("p", 1, std::vector<float>(kWidth - 1, 1.0f)).error().code, Code::kInvalidArgument);
  EXPECT_EQ(index.Set("p", 1, std::vector<float>(kWidth, 0.0f)).error().code, Code::kInvalidArgument);
  EXPECT_EQ(index.Set("p", 1, std::vector<float>(kWidth, NAN)).error().code, Code::kInvalidArgument);
  EXPECT_EQ(index.Search("p", std::vector<float>(kWidth, INFINITY), 1).error().code, Code::kInvalidArgument);
  EXPECT_EQ(index.GetStats().partitions, 0u);
}

TEST_F(VectorIndexTest, SearchesRunBesideChanges) {
  // given
  VectorIndex index(Options(50));
  std::vector<std::vector<float>> vectors;
  for (int i = 0; i < 600; ++i) vectors.push_back(Vector());
  std::atomic<bool> done = false;
  std::thread searcher([&] {
    for (size_t i = 0; !done; i = (i + 1) % vectors.size()) ASSERT_TRUE(index.Search("p", vectors[i], 3));
  });
  // when
  for (uint64_t id = 0; id < 600; ++id) {
    EXPECT_TRUE(index.Set("p", id, vectors[id]));
    EXPECT_EQ(index.Remove("p", id % 3 == 0 ? id : 1'000'000), id % 3 == 0);
  }
  done = true;
  searcher.join();
  // then
  EXPECT_EQ(index.GetStats().entries, 400u);
}

TEST(CodedVectorTest, KeepsProductsToAPercent) {
  std::mt19937 random(5);
  std::normal_distribution<float> numbers;
  for (int i = 0; i < 100; ++i) {
    std::vector<float> a(384), b(384);
    for (size_t k = 0; k < a.size(); ++k) {
      a[k] = numbers(random) / 20;
      b[k] = a[k] + numbers(random) / 20;
    }
    EXPECT_NEAR(CodedProduct(Coded(a).data(), Coded(b).data(), a.size()), Product(a, b), 0.01);
  }
}

}  // namespace
}  // namespace troupe::cache
