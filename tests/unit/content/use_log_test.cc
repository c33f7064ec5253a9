#include "router/content/use_log.h"

#include <gtest/gtest.h>

namespace troupe::content {
namespace {

TEST(UseSum, CountsLinesBySetAudienceAndTextWhateverTheVersion) {
  // given
  UseSum sum;
  // when
  sum.AddLine("2026-11-29T10:00:00+00:00 birthday loyal.en 0f3a9c2e51d7b840 loyal-en-1");
  sum.AddLine("2026-11-29T10:00:01+00:00 birthday loyal.en 1111111111111111 loyal-en-1");
  sum.AddLine("2026-11-29T10:00:01+00:00 birthday new.en 1111111111111111 new-en-1");
  // then
  const std::map<UseCounts::Key, int64_t> expected{{{"birthday", "loyal.en", "loyal-en-1"}, 2},
                                                   {{"birthday", "new.en", "new-en-1"}, 1}};
  EXPECT_EQ(sum.totals(), expected);
  EXPECT_EQ(sum.unread(), 0);
}

TEST(UseSum, LeavesOutWhatNoEdgeWrote) {
  UseSum sum;
  for (const char* line : {"", "no use", "t birthday loyal.en v", "t birthday loyal.en v text more",
                           "t  loyal.en v text", "t BIRTHDAY loyal.en v text", "t birthday loyal.en v "}) {
    sum.AddLine(line);
  }
  EXPECT_TRUE(sum.totals().empty());
  EXPECT_EQ(sum.unread(), 7);
}

TEST(UseSum, AddsItsOwnSumsAndTakesNoHalves) {
  // given
  UseSum sum;
  sum.AddLine("t birthday loyal.en v loyal-en-1");
  // when
  EXPECT_TRUE(sum.AddUses(Dump(UsesToJson(sum.totals()))));
  for (const char* json :
       {"", "{}", "[]", R"({"uses": [1]})",
        R"({"uses": [{"set": "birthday", "audience": "loyal.en", "text": "loyal-en-1", "uses": 5}, {"set": "b"}]})",
        R"({"uses": [{"set": "birthday", "audience": "loyal.en", "text": "loyal-en-1", "uses": "5"}]})"}) {
    EXPECT_FALSE(sum.AddUses(json)) << json;
  }
  // then
  const std::map<UseCounts::Key, int64_t> expected{{{"birthday", "loyal.en", "loyal-en-1"}, 2}};
  EXPECT_EQ(sum.totals(), expected);
}

}  // namespace
}  // namespace troupe::content
