#include "router/content/s3/bucket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/content/s3/fake_server.h"

namespace troupe::content::s3 {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

class BucketTest : public testing::Test {
 protected:
  FakeServer server_;
  const std::unique_ptr<Bucket> bucket_ = server_.OpenBucket();
};

TEST_F(BucketTest, WritesReadsAndRemoves) {
  // given
  const auto tag = bucket_->Put("a/b", "bytes", {{"content-type", "text/plain"}});
  ASSERT_TRUE(tag) << tag.error().message;
  server_.clock.Advance(7'000);
  // when
  const auto object = bucket_->Get("a/b");
  // then
  ASSERT_TRUE(object && *object);
  EXPECT_EQ((*object)->bytes, "bytes");
  EXPECT_EQ((*object)->tag, *tag);
  EXPECT_EQ((*object)->age, std::chrono::seconds(7));
  EXPECT_EQ(server_.files["a/b"].headers["content-type"], "text/plain");
  EXPECT_TRUE(server_.files["a/b"].headers["authorization"].starts_with("AWS4-HMAC-SHA256 Credential=key/"));
  // and
  ASSERT_TRUE(bucket_->Remove("a/b"));
  EXPECT_FALSE(*bucket_->Get("a/b"));
  ASSERT_TRUE(bucket_->Remove("a/b"));
}

TEST_F(BucketTest, ListsAllPages) {
  for (int i = 0; i < 10; ++i)
    ASSERT_TRUE(bucket_->Put("x/" + std::to_string(i % 4) + "/" + std::to_string(i), "", {}));
  ASSERT_TRUE(bucket_->Put("y/0", "", {}));
  EXPECT_EQ(bucket_->List("x/")->size(), 10u);
  EXPECT_EQ(bucket_->List("")->size(), 11u);
  EXPECT_THAT(*bucket_->Folders("x/"), ElementsAre("0", "1", "2", "3"));
  EXPECT_THAT(*bucket_->Folders(""), ElementsAre("x", "y"));
}

TEST_F(BucketTest, WritesOnlyWhereTheConditionHolds) {
  const auto first = bucket_->Put("k", "1", {}, Condition::Absent());
  ASSERT_TRUE(first);
  EXPECT_EQ(bucket_->Put("k", "2", {}, Condition::Absent()).error().code, Code::kAborted);
  EXPECT_TRUE(bucket_->Put("k", "2", {}, Condition::Tag(*first)));
  EXPECT_EQ(bucket_->Put("k", "3", {}, Condition::Tag(*first)).error().code, Code::kAborted);
  EXPECT_EQ(bucket_->Remove("k", Condition::Tag(*first)).error().code, Code::kAborted);
  EXPECT_EQ(bucket_->Put("nothing", "3", {}, Condition::Tag(*first)).error().code, Code::kAborted);
  EXPECT_EQ(server_.files["k"].bytes, "2");
}

TEST_F(BucketTest, AServerThatKnowsNoConditionsIsAskedOnce) {
  server_.knows_conditions = false;
  ASSERT_TRUE(bucket_->Put("k", "1", {}, Condition::Absent()));
  ASSERT_TRUE(bucket_->Put("k", "2", {}, Condition::Absent()));
  EXPECT_EQ(server_.requests.size(), 3u);
}

TEST_F(BucketTest, TriesAgainWithLongerPausesAndThenGivesUp) {
  // given
  const auto busy = [](const Request&) -> Result<Response> { return FakeServer::Refused(503, "SlowDown"); };
  const auto broken = [](const Request&) -> Result<Response> { return Unavailable("broke off"); };
  server_.faults = {busy, broken, busy};
  // when, then
  EXPECT_TRUE(bucket_->Put("k", "1", {}));
  EXPECT_THAT(server_.pauses, ElementsAre(milliseconds(200), milliseconds(400), milliseconds(800)));
  // and with no end to it
  server_.faults = {busy, busy, busy, busy, busy};
  server_.pauses.clear();
  const auto refused = bucket_->Put("k", "2", {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUnavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("cannot write s3://shop/k: http://s3.test answered 503 SlowDown"));
  EXPECT_EQ(server_.pauses.size(), 4u);
  server_.left = 0;
  EXPECT_EQ(bucket_->Get("k").error().message, "the network is gone");
}

TEST_F(BucketTest, WhatWillNotPassIsNotTriedAgain) {
  server_.faults = {[](const Request&) -> Result<Response> { return FakeServer::Refused(403, "AccessDenied"); }};
  EXPECT_EQ(bucket_->List("x/").error().code, Code::kPermissionDenied);
  server_.faults = {[](const Request&) -> Result<Response> { return FakeServer::Refused(404, "NoSuchBucket"); }};
  EXPECT_EQ(bucket_->Get("k").error().code, Code::kNotFound);
  EXPECT_TRUE(server_.pauses.empty());
}

TEST_F(BucketTest, AListWithoutAnEndIsGivenUp) {
  const FakeServer::Fault more = [](const Request&) -> Result<Response> {
    return Response{.status = 200, .body = "<NextContinuationToken>x</NextContinuationToken>"};
  };
  server_.faults = std::deque<FakeServer::Fault>(2000, more);
  EXPECT_EQ(bucket_->List("").error().code, Code::kResourceExhausted);
}

}  // namespace
}  // namespace troupe::content::s3
