#include "router/answers/purges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::answers {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(Purges, AStepIsPurgedWithItsGraphAndAlone) {
  Purges purges;
  const std::string before = purges.Of("g", "a"), other = purges.Of("g", "b"), whole = purges.Of("g", "");
  purges.Count("g/a");
  EXPECT_NE(purges.Of("g", "a"), before);
  EXPECT_EQ(purges.Of("g", "b"), other);
  EXPECT_EQ(purges.Of("g", ""), whole);
  purges.Count("g/");
  EXPECT_NE(purges.Of("g", "b"), other);
  EXPECT_NE(purges.Of("g", ""), whole);
  EXPECT_EQ(purges.Of("h", "a"), before);
}

TEST(Purges, UntilTheStoreHasCountedNobodyElseHasTheKeysOfThisRouter) {
  // given two routers, of which one cannot tell the store
  Purges one, two;
  one.Mark("g/a");
  two.Settle("g/a", 1);
  // then they share nothing, though each has purged once
  EXPECT_NE(one.Of("g", "a"), two.Of("g", "a"));
  EXPECT_THAT(one.Unsettled(), ElementsAre("g/a"));
  // and once it can they do
  one.Settle("g/a", 2);
  two.Raise({{"g/a", 2}});
  EXPECT_EQ(one.Of("g", "a"), two.Of("g", "a"));
  EXPECT_THAT(one.Unsettled(), IsEmpty());
}

TEST(Purges, CountsNeverGoDown) {
  Purges purges;
  purges.Raise({{"g/a", 5}});
  purges.Raise({{"g/a", 3}, {"g/b", 1}});
  EXPECT_THAT(purges.All(), ElementsAre(Pair("g/a", 5), Pair("g/b", 1)));
}

}  // namespace
}  // namespace troupe::answers
