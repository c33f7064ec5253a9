#include "router/content/s3/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace troupe::content::s3 {
namespace {

using testing::HasSubstr;
using testing::Not;

class SettingsTest : public testing::Test {
 protected:
  Result<Settings> Read(const std::string& endpoint = "") const {
    return ReadSettings(
        [this](const char* name) { return variables_.contains(name) ? variables_.at(name) : std::string(); }, endpoint);
  }
  std::map<std::string, std::string> variables_ = {{"AWS_ACCESS_KEY_ID", "id"}, {"AWS_SECRET_ACCESS_KEY", "secret"}};
};

TEST_F(SettingsTest, ComeFromTheUsualVariables) {
  // given
  variables_.insert({{"AWS_SESSION_TOKEN", "token"}, {"AWS_REGION", "eu-central-1"}, {"AWS_CA_BUNDLE", "/ca.pem"}});
  // when
  const auto settings = Read();
  // then
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->credentials.key_id, "id");
  EXPECT_EQ(settings->credentials.session_token, "token");
  EXPECT_EQ(settings->ca_file, "/ca.pem");
  const Address address = AddressOf(*settings, "shop");
  EXPECT_EQ(address.origin + address.path, "https://shop.s3.eu-central-1.amazonaws.com/");
  // no certificate covers a name with more dots
  const Address dotted = AddressOf(*settings, "shop.example");
  EXPECT_EQ(dotted.origin + dotted.path, "https://s3.eu-central-1.amazonaws.com/shop.example/");
}

TEST_F(SettingsTest, AServerThatIsNotAwsHasBucketsInItsPaths) {
  variables_["AWS_ENDPOINT_URL"] = "http://minio:9000/";
  EXPECT_EQ(Read()->endpoint, "http://minio:9000");
  EXPECT_EQ(Read()->region, "us-east-1");
  EXPECT_EQ(AddressOf(*Read(), "shop").path, "/shop/");
  variables_["AWS_ENDPOINT_URL_S3"] = "https://S3.example:443";
  EXPECT_EQ(Read()->endpoint, "https://s3.example");
  EXPECT_EQ(Read("http://127.0.0.1:80")->endpoint, "http://127.0.0.1");
}

TEST_F(SettingsTest, WhatIsMissingOrWrongIsNamedAndNeverShown) {
  for (const char* bad :
       {"minio:9000", "https://h/path", "https://user:secret@h", "ftp://h", "https://", "https://h?x"}) {
    const auto settings = Read(bad);
    ASSERT_FALSE(settings) << bad;
    EXPECT_THAT(settings.error().message, HasSubstr("https://HOST"));
    EXPECT_THAT(settings.error().message, Not(HasSubstr("secret")));
  }
  variables_["AWS_SECRET_ACCESS_KEY"] = "sec\nret";
  EXPECT_THAT(Read().error().message, HasSubstr("one word"));
  variables_["AWS_SECRET_ACCESS_KEY"] = "";
  EXPECT_THAT(Read().error().message, HasSubstr("AWS_SECRET_ACCESS_KEY is not set"));
  variables_["AWS_ACCESS_KEY_ID"] = "";
  EXPECT_THAT(Read().error().message, HasSubstr("AWS_ACCESS_KEY_ID is not set"));
}

TEST(Place, IsABucketAndAPrefix) {
  EXPECT_EQ(ParsePlace("s3://shop-texts")->prefix, "");
  EXPECT_EQ(ParsePlace("s3://shop-texts/")->prefix, "");
  EXPECT_EQ(ParsePlace("s3://shop-texts/a/B_1")->prefix, "a/B_1/");
  EXPECT_EQ(ParsePlace("s3://shop-texts/a/")->bucket, "shop-texts");
  for (const char* bad :
       {"s3://", "s3:///x", "s3://Shop", "s3://ab", "s3://shop..x", "s3://.shop", "s3://shop//x", "s3://shop/a//b",
        "s3://shop/../x", "s3://shop/./x", "s3://shop/a?b", "s3://shop/ü", "shop"}) {
    EXPECT_FALSE(ParsePlace(bad)) << bad;
  }
}

}  // namespace
}  // namespace troupe::content::s3
