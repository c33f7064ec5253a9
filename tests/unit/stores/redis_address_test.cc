#include "router/stores/redis_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::stores {
namespace {

TEST(RedisAddress, IsReadAsPeopleWriteIt) {
  const auto plain = ParseRedisAddress("redis://cache");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->ToString(), "redis://cache:6379/0");
  const auto full = ParseRedisAddress("redis://ann:p%40ss:%25@10.0.0.7:7000/3");
  ASSERT_TRUE(full) << full.error().message;
  EXPECT_EQ(full->user, "ann");
  EXPECT_EQ(full->password, "p@ss:%");
  EXPECT_EQ(full->ToString(), "redis://10.0.0.7:7000/3");
  EXPECT_EQ(ParseRedisAddress("redis://:secret@h/")->password, "secret");
  EXPECT_EQ(ParseRedisAddress("redis://[::1]:7000")->host, "::1");
  EXPECT_EQ(ParseRedisAddress("redis://[::1]")->ToString(), "redis://[::1]:6379/0");
}

TEST(RedisAddress, SaysWhatIsWrongAndNoPassword) {
  for (const char* wrong :
       {"", "redis:", "redis://", "rediss://h", "redis://:secret@", "redis://secret@h", "redis://:secret%@h",
        "redis://:secret%zz@h", "redis://h:0", "redis://h:65536", "redis://h:x", "redis://h:", "redis://h/x",
        "redis://h/-1", "redis://[::1", "redis://[]:1"}) {
    const auto address = ParseRedisAddress(wrong);
    ASSERT_FALSE(address) << wrong;
    EXPECT_THAT(address.error().message, testing::HasSubstr("must be redis://"));
    EXPECT_THAT(address.error().message, testing::Not(testing::HasSubstr("secret")));
  }
}

}  // namespace
}  // namespace troupe::stores
