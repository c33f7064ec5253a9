#include "runtime/model/step_bucket.h"

#include <gtest/gtest.h>

#include <set>

namespace troupe::model {
namespace {

constexpr int64_t kPlenty = int64_t{1} << 40;

TEST(StepBucketTest, SequencesAndPagesAreRoundedUpToPowersOfTwo) {
  EXPECT_EQ(BucketFor(1, 1, kPlenty), (StepBucket{1, 1}));
  EXPECT_EQ(BucketFor(2, 2, kPlenty), (StepBucket{2, 2}));
  EXPECT_EQ(BucketFor(3, 5, kPlenty), (StepBucket{4, 8}));
  EXPECT_EQ(BucketFor(16, 64, kPlenty), (StepBucket{16, 64}));
  EXPECT_EQ(BucketFor(17, 65, kPlenty), (StepBucket{32, 128}));
}

TEST(StepBucketTest, WhatDoesNotFitIntoOneStepIsLeftForTheNext) {
  EXPECT_EQ(BucketFor(kMaxStepSequences + 1, 1, kPlenty).sequences, kMaxStepSequences);
  EXPECT_EQ(BucketFor(8, 16, 128), (StepBucket{8, 16}));
  EXPECT_EQ(BucketFor(8, 17, 128), (StepBucket{4, 32}));
  EXPECT_EQ(BucketFor(8, 100, 128), (StepBucket{1, 128}));
}

TEST(StepBucketTest, OneSequenceGoesHoweverLongItIs) { EXPECT_EQ(BucketFor(9, 300, 128), (StepBucket{1, 512})); }

TEST(StepBucketTest, FewBucketsServeAllSteps) {
  std::set<StepBucket> buckets;
  for (int64_t sequences = 1; sequences <= 64; ++sequences) {
    for (int64_t pages = 1; pages <= 128; ++pages) {
      const StepBucket bucket = BucketFor(sequences, pages, kPlenty);
      ASSERT_GE(bucket.sequences, sequences);
      ASSERT_GE(bucket.pages, pages);
      buckets.insert(bucket);
    }
  }
  EXPECT_EQ(buckets.size(), 7u * 8u);
}

}  // namespace
}  // namespace troupe::model
