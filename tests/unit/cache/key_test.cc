#include "router/cache/key.h"

#include <gtest/gtest.h>

#include <set>

#include "runtime/base/digest.h"

namespace troupe::cache {
namespace {

KeyParts Parts() {
  return {"version", "draft", "model", Value{{"temperature", 0}}, Value{{"text", "hello"}}, "tenant"};
}

TEST(KeyTest, NamesEqualCallsAlikeHoweverTheirInputIsWritten) {
  KeyParts parts = Parts();
  parts.input = *ParseValue(R"({"b": 1, "a": [1, 2]})");
  KeyParts same = Parts();
  same.input = *ParseValue(R"({ "a":[1,2], "b":1 })");
  EXPECT_EQ(KeyOf(parts), KeyOf(same));
  EXPECT_TRUE(IsHex(KeyOf(parts), 64));
}

TEST(KeyTest, EveryPartCounts) {
  // given
  std::vector<KeyParts> all(7, Parts());
  all[1].graph_version = "other";
  all[2].step = "other";
  all[3].model_digest = "other";
  all[4].settings["temperature"] = 1;
  all[5].input["text"] = "hello ";
  all[6].tenant = "other";
  // when
  std::set<std::string> keys, partitions;
  for (const KeyParts& parts : all) {
    keys.insert(KeyOf(parts));
    partitions.insert(PartitionOf(parts));
  }
  // then: questions of one partition differ by their input only
  EXPECT_EQ(keys.size(), 7u);
  EXPECT_EQ(partitions.size(), 6u);
  EXPECT_EQ(PartitionOf(all[5]), PartitionOf(all[0]));
}

TEST(KeyTest, PartsDoNotRunTogether) {
  KeyParts left = Parts(), right = Parts();
  left.graph_version = "ab";
  left.step = "c";
  right.graph_version = "a";
  right.step = "bc";
  EXPECT_NE(KeyOf(left), KeyOf(right));
  left.graph_version = "a1:b";
  left.step = "";
  right.graph_version = "a";
  right.step = "b";
  EXPECT_NE(KeyOf(left), KeyOf(right));
  EXPECT_NE(KeyOf(left), PartitionOf(left));
}

TEST(KeyTest, StaysTheSameFromReleaseToRelease) { EXPECT_EQ(ShortDigest(KeyOf(Parts())), "4b96051368f4"); }

}  // namespace
}  // namespace troupe::cache
