#include "router/cli/cores.h"

#include <gtest/gtest.h>

#include <set>

namespace troupe::cli {
namespace {

TEST(ShareCores, BusyAgentsSplitTheCoresAndDoNotShareOne) {
  // given two agents with a model among three, and five cores
  const auto shares = ShareCores({{"reader", true}, {"joker", false}, {"writer", true}}, {0, 1, 4, 5, 7});
  // then every core belongs to one of the two
  EXPECT_EQ(shares[0].threads, 3);
  EXPECT_EQ(shares[0].cores, (std::vector<int>{0, 1, 4}));
  EXPECT_EQ(shares[1].threads, 1);
  EXPECT_TRUE(shares[1].cores.empty());
  EXPECT_EQ(shares[2].threads, 2);
  EXPECT_EQ(shares[2].cores, (std::vector<int>{5, 7}));
}

TEST(ShareCores, MoreAgentsThanCoresGetOneThreadEach) {
  for (const CoreShare& share : ShareCores({{"a", true}, {"b", true}, {"c", true}}, {0, 1})) {
    EXPECT_EQ(share.threads, 1);
    EXPECT_TRUE(share.cores.empty());
  }
}

TEST(ShareCores, ASingleBusyAgentHasThemAll) {
  const auto shares = ShareCores({{"a", true}}, {0, 1, 2});
  EXPECT_EQ(shares[0].threads, 3);
  EXPECT_TRUE(shares[0].cores.empty());
}

TEST(GrantedCores, AtLeastOneAndNoneTwice) {
  const auto cores = GrantedCores();
  ASSERT_FALSE(cores.empty());
  EXPECT_EQ(std::set<int>(cores.begin(), cores.end()).size(), cores.size());
}

}  // namespace
}  // namespace troupe::cli
