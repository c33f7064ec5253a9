#include "router/stores/open.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::stores {
namespace {

using testing::HasSubstr;

TEST(OpenStore, KnowsTwoAndNone) {
  EXPECT_TRUE(Check(""));
  EXPECT_TRUE(Check("sqlite:/var/lib/troupe/answers.db"));
  EXPECT_TRUE(Check("redis://cache:6379/0"));
  EXPECT_THAT(Check("sqlite:").error().message, HasSubstr("sqlite:PATH"));
  EXPECT_THAT(Check("memcached://x").error().message, HasSubstr("sqlite:PATH"));
  EXPECT_THAT(Check("redis:/x").error().message, HasSubstr("redis://"));
  EXPECT_EQ(*Open({}, SystemClock(), nullptr), nullptr);
}

TEST(OpenStore, SizesHaveAUnit) {
  EXPECT_EQ(*ParseSize("2MiB"), 2 << 20);
  EXPECT_FALSE(ParseSize("0"));
  EXPECT_FALSE(ParseSize("many"));
}

TEST(OpenStore, SaysThatAFolderIsNotThere) {
  const auto store = Open({.store = "sqlite:/nowhere/at/all.db"}, SystemClock(), nullptr);
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().message, HasSubstr("/nowhere/at/all.db"));
  EXPECT_THAT(store.error().message, HasSubstr("--cache-store"));
}

}  // namespace
}  // namespace troupe::stores
