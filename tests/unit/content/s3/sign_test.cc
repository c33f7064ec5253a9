// The examples of "Signature Calculations for the Authorization Header: Transferring Payload in a Single Chunk" in
// Amazon S3's API reference.
#include "router/content/s3/sign.h"

#include <gtest/gtest.h>

namespace troupe::content::s3 {
namespace {

const Credentials kKey = {"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
// Fri, 24 May 2013 00:00:00 GMT
constexpr UnixMs kTime = 1'369'353'600'000;

Request Example(const std::string& method, const std::string& path) {
  return {.method = method, .origin = "https://examplebucket.s3.amazonaws.com", .path = path};
}

std::string Signed(Request request, const Credentials& key = kKey) {
  Sign(request, key, "us-east-1", kTime);
  return request.headers.at("authorization");
}

std::string Expected(const std::string& names, const std::string& signature) {
  return "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=" + names +
         ",Signature=" + signature;
}

TEST(Sign, GivesThePublishedSignatureForAnObjectsRange) {
  Request request = Example("GET", "/test.txt");
  request.headers["range"] = "bytes=0-9";
  EXPECT_EQ(Signed(request), Expected("host;range;x-amz-content-sha256;x-amz-date",
                                      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"));
}

TEST(Sign, GivesThePublishedSignatureForAWrite) {
  Request request = Example("PUT", "/test$file.text");
  request.headers = {{"date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
  request.body = "Welcome to Amazon S3.";
  EXPECT_EQ(Signed(request), Expected("date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                                      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
  EXPECT_EQ(UrlOf(request), "https://examplebucket.s3.amazonaws.com/test%24file.text");
}

TEST(Sign, GivesThePublishedSignatureForAQueryWithoutAValue) {
  Request request = Example("GET", "/");
  request.query = {{"lifecycle", ""}};
  EXPECT_EQ(Signed(request), Expected("host;x-amz-content-sha256;x-amz-date",
                                      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
}

TEST(Sign, GivesThePublishedSignatureForAList) {
  Request request = Example("GET", "/");
  request.query = {{"max-keys", "2"}, {"prefix", "J"}};
  EXPECT_EQ(Signed(request), Expected("host;x-amz-content-sha256;x-amz-date",
                                      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
}

TEST(Sign, SignsTheTokenOfTemporaryKeysToo) {
  Credentials lent = kKey;
  lent.session_token = "token";
  Request request = Example("GET", "/test.txt");
  Sign(request, lent, "us-east-1", kTime);
  EXPECT_EQ(request.headers.at("x-amz-security-token"), "token");
  EXPECT_NE(request.headers.at("authorization").find(";x-amz-security-token,"), std::string::npos);
}

TEST(Sign, SortsAQueryByWhatIsSent) {
  Request request = Example("GET", "/a b/ü");
  request.query = {{"list-type", "2"}, {"prefix", "a/b c"}, {"continuation-token", "x+/="}};
  EXPECT_EQ(UrlOf(request),
            "https://examplebucket.s3.amazonaws.com/a%20b/%C3%BC?continuation-token=x%2B%2F%3D&list-type=2&"
            "prefix=a%2Fb%20c");
}

}  // namespace
}  // namespace troupe::content::s3
