#include "router/content/s3/xml.h"

#include <gtest/gtest.h>

namespace troupe::content::s3 {
namespace {

TEST(Xml, FindsElementsAndReadsTheirEntities) {
  constexpr std::string_view kList =
      "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
      "<Contents><Key>a&amp;b&#38;&#x20AC;</Key><ETag>&quot;1&quot;</ETag></Contents><Contents><Key>c</Key></Contents>"
      "</ListBucketResult>";
  const auto contents = Elements(kList, "Contents");
  ASSERT_EQ(contents.size(), 2u);
  EXPECT_EQ(ElementText(contents[0], "Key"), "a&b&€");
  EXPECT_EQ(ElementText(contents[0], "ETag"), "\"1\"");
  EXPECT_EQ(ElementText(contents[1], "ETag"), "");
}

TEST(Xml, PassesOverWhatIsNone) {
  EXPECT_EQ(ElementText("", "Key"), "");
  EXPECT_EQ(ElementText("<Key>a", "Key"), "");
  EXPECT_EQ(ElementText("no XML at all", "Key"), "");
  EXPECT_EQ(ElementText("<Key>&nope;&#xD800;&#99999999;& </Key>", "Key"), "&nope;&#xD800;&#99999999;& ");
  std::string deep;
  for (int i = 0; i < 1'000'000; ++i) deep += "<Key>";
  EXPECT_TRUE(Elements(deep, "Key").empty());
}

}  // namespace
}  // namespace troupe::content::s3
