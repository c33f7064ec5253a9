#include "runtime/base/prefix.h"

#include <gtest/gtest.h>

#include <string>

namespace troupe {
namespace {

TEST(PrefixDigestsTest, AreEqualAsFarAsTextsAre) {
  std::string a(4 * kPrefixBytes, 'x');
  std::string b = a;
  b[2 * kPrefixBytes + 7] = 'y';
  const auto of_a = PrefixDigests(a);
  const auto of_b = PrefixDigests(b);
  ASSERT_EQ(of_a.size(), 4u);
  EXPECT_EQ(of_a[1], of_b[1]);
  EXPECT_NE(of_a[2], of_b[2]);
  EXPECT_NE(of_a[3], of_b[3]) << "what follows the same bytes after others is not the same";
  EXPECT_NE(of_a[0], of_a[1]);
}

TEST(PrefixDigestsTest, StandForWholeBlocksAndNotForTooMany) {
  EXPECT_TRUE(PrefixDigests(std::string(kPrefixBytes - 1, 'x')).empty());
  EXPECT_EQ(PrefixDigests(std::string(kPrefixBytes, 'x')).size(), 1u);
  EXPECT_EQ(PrefixDigests(std::string(100 * kPrefixBytes, 'x')).size(), kMaxPrefixes);
}

// Router and agent may be of different releases.
TEST(PrefixDigestsTest, DoNotChangeFromReleaseToRelease) {
  EXPECT_EQ(PrefixDigests(std::string(kPrefixBytes, 'a'))[0], 18242136092491110437u);
}

}  // namespace
}  // namespace troupe
