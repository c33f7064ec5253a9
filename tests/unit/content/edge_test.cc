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

TEST(EdgeFiles, RefuseWhatWouldMeanSomethingElseToNginx) {
  for (const char* origin :
       {"", "10.0.0.7", "ftp://a", "http://", "http://a/b", "http://a;b", "http://a b", "http://$host", "http://a\n"}) {
    EXPECT_FALSE(EdgeFiles({.origin = origin, .listen = kGood.listen, .folder = kGood.folder})) << origin;
  }
  for (const char* listen : {"", "80; root /", "80 ssl", "unix:/x", "80{"}) {
    EXPECT_FALSE(EdgeFiles({.origin = kGood.origin, .listen = listen, .folder = kGood.folder})) << listen;
  }
  for (const char* folder : {"", "edge", "/a b", "/a;b", "/a\"b", "/a}b", "/$a"}) {
    EXPECT_FALSE(EdgeFiles({.origin = kGood.origin, .listen = kGood.listen, .folder = folder})) << folder;
  }
}

}  // namespace
}  // namespace troupe::content
