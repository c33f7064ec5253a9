#include "runtime/hub/url.h"

#include <gtest/gtest.h>

namespace troupe::hub {
namespace {

TEST(Url, AReferenceIsSeenFromItsPage) {
  EXPECT_EQ(JoinUrl("https://i.org/simple/p/", "../../files/p.whl#sha256=1").value(), "https://i.org/files/p.whl");
  EXPECT_EQ(JoinUrl("https://i.org/simple/p/", "https://f.org/p.whl?x=1").value(), "https://f.org/p.whl?x=1");
  EXPECT_EQ(JoinUrl("https://i.org/a", "/b").value(), "https://i.org/b");
  for (const char* bad : {"file:///etc/passwd", "ftp://x/y", "gopher://x"})
    EXPECT_FALSE(JoinUrl("https://i.org/", bad)) << bad;
}

TEST(Url, OriginsAreComparedWithTheirPorts) {
  EXPECT_EQ(OriginOf("https://Hub.org/x"), OriginOf("https://hub.org:443/y?z"));
  EXPECT_NE(OriginOf("https://hub.org/"), OriginOf("http://hub.org/"));
  EXPECT_NE(OriginOf("https://hub.org/"), OriginOf("https://hub.org:444/"));
  EXPECT_NE(OriginOf("https://hub.org/"), OriginOf("https://hub.org.evil.net/"));
  EXPECT_NE(OriginOf("https://hub.org/"), OriginOf("https://hub.org@evil.net/"));
}

TEST(Url, MessagesShowNoSecrets) {
  EXPECT_EQ(WithoutSecrets("https://user:pass@h.org:1/p?sig=1#x"), "https://h.org:1/p");
  EXPECT_EQ(WithoutSecrets("not a url user:pass@h"), "...");
  EXPECT_EQ(HostOf("https://user:pass@h.org:8443/p"), "h.org:8443");
}

TEST(Url, TheLoginIsTakenOut) {
  const auto split = SplitLogin("https://us%40er:pass@h.org/simple").value();
  EXPECT_EQ(split.url, "https://h.org/simple");
  EXPECT_EQ(split.authorization, "Basic dXNAZXI6cGFzcw==");
  EXPECT_EQ(SplitLogin("https://h.org/simple").value().authorization, "");
}

TEST(Url, OnlyHttpsAndThisMachineArePrivate) {
  EXPECT_TRUE(IsPrivateWay("https://h.org"));
  EXPECT_TRUE(IsPrivateWay("http://127.0.0.1:80"));
  EXPECT_FALSE(IsPrivateWay("http://h.org"));
  EXPECT_FALSE(IsPrivateWay("http://127.0.0.1.evil.net"));
}

TEST(Url, PathsAreEscaped) { EXPECT_EQ(EscapePath("a b/c?d#e%.x"), "a%20b/c%3Fd%23e%25.x"); }

}  // namespace
}  // namespace troupe::hub
