#include "router/dispatch/skill_cache.h"

#include <gtest/gtest.h>

namespace troupe::dispatch {
namespace {

SkillCache::Index SomeIndex() {
  auto index = decompose::SkillIndex::Build({"a"}, std::vector<int>{1}, {1.0f, 0.0f}, 2);
  return std::make_shared<const decompose::SkillIndex>(std::move(*index));
}

TEST(SkillCache, OneBuildsAndTheOthersWait) {
  SkillCache cache;
  int woken = 0;
  bool build = false;
  // given one who builds and one who waits
  EXPECT_EQ(cache.Get("k", [] {}, build), nullptr);
  EXPECT_TRUE(build);
  EXPECT_EQ(cache.Get("k", [&] { ++woken; }, build), nullptr);
  EXPECT_FALSE(build);
  // when it is built
  cache.Finish("k", SomeIndex());
  // then the other is woken and finds it
  EXPECT_EQ(woken, 1);
  EXPECT_NE(cache.Get("k", [] {}, build), nullptr);
  EXPECT_FALSE(build);
}

TEST(SkillCache, WhereBuildingFailsTheNextOneBuilds) {
  SkillCache cache;
  bool build = false;
  cache.Get("k", [] {}, build);
  bool second_builds = false;
  cache.Get("k", [&] { cache.Get("k", [] {}, second_builds); }, build);
  cache.Finish("k", nullptr);
  EXPECT_TRUE(second_builds);
}

}  // namespace
}  // namespace troupe::dispatch
