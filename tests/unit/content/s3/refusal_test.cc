#include "router/content/s3/refusal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::content::s3 {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Response Answer(int status, const std::string& code, const std::string& more = "") {
  return {.status = status, .body = "<Error><Code>" + code + "</Code>" + more + "</Error>"};
}

Error Of(const Response& response) {
  const Settings settings{.credentials = {"AKIAX", "secret", ""}, .region = "us-east-1"};
  return RefusalOf(response, {"write", "s3://shop/birthday/current", "shop"}, settings);
}

TEST(Refusal, SaysWhatToDo) {
  EXPECT_EQ(Of(Answer(403, "InvalidAccessKeyId")).code, Code::kUnauthenticated);
  EXPECT_THAT(Of(Answer(403, "InvalidAccessKeyId")).message, HasSubstr("'AKIAX'; correct AWS_ACCESS_KEY_ID"));
  EXPECT_THAT(Of(Answer(403, "SignatureDoesNotMatch")).message,
              AllOf(HasSubstr("AWS_SECRET_ACCESS_KEY does not belong"), Not(HasSubstr("'secret'"))));
  EXPECT_THAT(Of(Answer(400, "ExpiredToken")).message, HasSubstr("AWS_SESSION_TOKEN"));
  EXPECT_EQ(Of(Answer(404, "NoSuchBucket")).code, Code::kNotFound);
  EXPECT_THAT(Of(Answer(404, "NoSuchBucket")).message, HasSubstr("no bucket 'shop'; make it first"));
  EXPECT_EQ(Of(Answer(403, "AccessDenied")).code, Code::kPermissionDenied);
  EXPECT_THAT(Of(Answer(403, "AccessDenied")).message, HasSubstr("may not write s3://shop/birthday/current; it needs"));
  EXPECT_THAT(Of(Answer(400, "AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>")).message,
              HasSubstr("is in region eu-west-1, not in us-east-1; set AWS_REGION=eu-west-1"));
  Response moved{.status = 301, .headers = {{"x-amz-bucket-region", "eu-west-2"}}};
  EXPECT_THAT(Of(moved).message, HasSubstr("set AWS_REGION=eu-west-2"));
  Response skewed = Answer(403, "RequestTimeTooSkewed");
  skewed.headers["date"] = "Sun, 29 Nov 2026 10:00:00 GMT";
  EXPECT_THAT(Of(skewed).message, HasSubstr("says that it is Sun, 29 Nov 2026 10:00:00 GMT; set the clock"));
}

TEST(Refusal, ShowsWhatItDoesNotKnowWithoutItsSigns) {
  const Error error = Of(Answer(418, "Tea", "<Message>I am\x1b[31m a\n pot</Message>"));
  EXPECT_EQ(error.code, Code::kInternal);
  EXPECT_THAT(error.message, HasSubstr("AWS answered 418 Tea: I am [31m a  pot"));
  EXPECT_THAT(Of({.status = 404, .body = "<html>"}).message, HasSubstr("is AWS_ENDPOINT_URL an S3 server?"));
}

TEST(Refusal, KnowsWhatPasses) {
  EXPECT_TRUE(IsTransient(Answer(503, "SlowDown")));
  EXPECT_TRUE(IsTransient(Answer(400, "RequestTimeout")));
  EXPECT_TRUE(IsTransient(Answer(409, "ConditionalRequestConflict")));
  EXPECT_FALSE(IsTransient(Answer(403, "AccessDenied")));
  EXPECT_FALSE(IsTransient(Answer(501, "NotImplemented")));
  EXPECT_EQ(Of(Answer(503, "SlowDown")).code, Code::kUnavailable);
}

}  // namespace
}  // namespace troupe::content::s3
