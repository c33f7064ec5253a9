#include "router/content/edge.h"

#include <gtest/gtest.h>

namespace troupe::content {
namespace {

const EdgeOptions kGood{.origin = "http://10.0.0.7:8080", .listen = "127.0.0.1:80", .folder = "/etc/troupe-edge"};

TEST(EdgeFiles, HaveTheirAddressesWrittenIn) {
  // when
  const auto files = EdgeFiles(kGood);
  // then
  ASSERT_TRUE(files) << files.error().message;
  ASSERT_EQ(files->size(), 3u);
  const std::string& conf = (*files)[2].text;
  EXPECT_NE(conf.find("proxy_pass http://10.0.0.7:8080;"), std::string::npos);
  EXPECT_NE(conf.find("listen 127.0.0.1:80;"), std::string::npos);
  EXPECT_NE(conf.find("js_path /etc/troupe-edge;"), std::string::npos);
  EXPECT_EQ(conf.find('@'), std::string::npos);
}

TEST(EdgeFiles, OfVarnishHaveTheOriginInPiecesAndNoScript) {
  // given
  EdgeOptions options = kGood;
  options.kind = EdgeKind::kVarnish;
  options.origin = "http://[fd00::7]:8080";
  options.purgers = {"10.0.0.0/8", "::1"};
  // when
  const auto files = EdgeFiles(options);
  // then
  ASSERT_TRUE(files) << files.error().message;
  ASSERT_EQ(files->size(), 1u);
  const std::string& vcl = files->front().text;
  EXPECT_EQ(files->front().name, "troupe-edge.vcl");
  EXPECT_NE(vcl.find(".host = \"fd00::7\";\n  .port = \"8080\";"), std::string::npos);
  EXPECT_NE(vcl.find("acl purgers {\n  \"10.0.0.0\"/8;\n  \"::1\";\n}"), std::string::npos);
  EXPECT_EQ(vcl.find('@'), std::string::npos);
}

TEST(EdgeFiles, SayWhichPagesMayReadAnswersAndWhoMayPurge) {
  // given
  EdgeOptions options = kGood;
  options.pages = {"https://shop.example", "http://localhost:3000"};
  options.purgers = {"10.0.0.7"};
  // when
  const auto files = EdgeFiles(options);
  // then
  ASSERT_TRUE(files) << files.error().message;
  const std::string& conf = files->back().text;
  EXPECT_NE(conf.find("  default \"\";\n  \"https://shop.example\" \"https://shop.example\";\n"), std::string::npos);
  EXPECT_NE(conf.find("    allow 10.0.0.7;\n    deny all;"), std::string::npos);
}

TEST(EdgeFiles, RefuseWhatAnEdgeCannotDo) {
  EdgeOptions options = kGood;
  options.kind = EdgeKind::kVarnish;
  options.origin = "https://10.0.0.7";
  EXPECT_NE(EdgeFiles(options).error().message.find("TLS"), std::string::npos);
  options.origin = kGood.origin;
  options.pages = {"https://shop.example"};
  EXPECT_NE(EdgeFiles(options).error().message.find("troupe content serve --origin"), std::string::npos);
}

TEST(EdgeFiles, RefuseWhatWouldMeanSomethingElseInTheirConfiguration) {
  for (const EdgeKind kind : {EdgeKind::kNginx, EdgeKind::kVarnish}) {
    EdgeOptions good = kGood;
    good.kind = kind;
    for (const char* origin :
         {"", "10.0.0.7", "ftp://a", "http://", "http://a/b", "http://a;b", "http://a b", "http://$host", "http://a\n",
          "http://a:0", "http://a:b", "http://[a]:80", "http://a]"}) {
      EdgeOptions options = good;
      options.origin = origin;
      EXPECT_FALSE(EdgeFiles(options)) << origin;
    }
    for (const char* folder : {"", "edge", "/a b", "/a;b", "/a\"b", "/a}b", "/$a"}) {
      EdgeOptions options = good;
      options.folder = folder;
      EXPECT_FALSE(EdgeFiles(options)) << folder;
    }
    for (const char* purger : {"", "all", "10.0.0.0/33", "10.0.0.0/", "::1/129", "10.0.0", "1.2.3.4; allow all"}) {
      EdgeOptions options = good;
      options.purgers = {purger};
      EXPECT_FALSE(EdgeFiles(options)) << purger;
    }
  }
  for (const char* listen : {"", "80; root /", "80 ssl", "unix:/x", "80{"}) {
    EXPECT_FALSE(EdgeFiles({.origin = kGood.origin, .listen = listen, .folder = kGood.folder})) << listen;
  }
  for (const char* page : {"*", "https://a/b", "https://a\" \"*", "null"}) {
    EXPECT_FALSE(EdgeFiles({.origin = kGood.origin, .listen = "80", .folder = kGood.folder, .pages = {page}})) << page;
  }
}

}  // namespace
}  // namespace troupe::content
