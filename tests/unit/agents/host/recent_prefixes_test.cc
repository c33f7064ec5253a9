#include "agents/host/recent_prefixes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "runtime/base/prefix.h"

namespace troupe::host {
namespace {

std::string Input(char first, size_t blocks) {
  return std::string(kPrefixBytes, first) + std::string((blocks - 1) * kPrefixBytes, 'z');
}

TEST(RecentPrefixesTest, TheMostRecentComeFirstAndOnce) {
  RecentPrefixes recent;
  recent.Saw("short");
  EXPECT_TRUE(recent.Digests().empty());
  recent.Saw(Input('a', 2));
  recent.Saw(Input('b', 1));
  recent.Saw(Input('a', 1));
  const auto a = PrefixDigests(Input('a', 2));
  const auto b = PrefixDigests(Input('b', 1));
  EXPECT_EQ(recent.Digests(), (std::vector<uint64_t>{a[0], b[0], a[1]}));
}

TEST(RecentPrefixesTest, TheOldestAreForgotten) {
  RecentPrefixes recent;
  for (char first = 'a'; first < 'a' + 10; ++first) recent.Saw(Input(first, 20));
  const auto digests = recent.Digests();
  EXPECT_EQ(digests.size(), RecentPrefixes::kMost);
  const auto has = [&](char first) {
    return std::find(digests.begin(), digests.end(), PrefixDigests(Input(first, 1))[0]) != digests.end();
  };
  EXPECT_TRUE(has('a' + 9));
  EXPECT_TRUE(has('a' + 4));
  EXPECT_FALSE(has('a'));
}

}  // namespace
}  // namespace troupe::host
