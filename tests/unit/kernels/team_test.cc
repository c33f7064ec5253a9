#include "runtime/kernels/team.h"

#include <gtest/gtest.h>

#include <vector>

namespace troupe::kernels {
namespace {

TEST(Team, DoesEachPartOnce) {
  for (const int threads : {1, 2, 5}) {
    Team team(threads);
    EXPECT_EQ(team.threads(), threads);
    for (int64_t round = 0; round < 3'000; ++round) {
      const int64_t parts = round % 40;
      std::vector<std::atomic<int>> done(parts + 1);
      std::atomic<int64_t> sum{0};
      team.Run(parts, [&](int64_t part) {
        ++done[part];
        sum += part;
      });
      for (int64_t part = 0; part < parts; ++part) ASSERT_EQ(done[part], 1) << part << " of " << parts;
      ASSERT_EQ(sum, parts * (parts - 1) / 2);
    }
  }
}

TEST(Team, WhatAPartWroteIsSeenAfterwards) {
  Team team(3);
  std::vector<int64_t> values(1'000);
  for (int64_t round = 1; round <= 200; ++round) {
    team.Run(1'000, [&](int64_t part) { values[part] += part * round; });
  }
  for (int64_t part = 0; part < 1'000; ++part) ASSERT_EQ(values[part], part * 200 * 201 / 2);
}

TEST(Team, RangesCoverAllItemsWithoutOverlap) {
  Team team(2);
  for (const int64_t items : {0, 1, 3, 7, 100}) {
    std::vector<std::atomic<int>> done(items + 1);
    team.RunRanges(items, 4, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) ++done[i];
    });
    for (int64_t i = 0; i < items; ++i) ASSERT_EQ(done[i], 1) << i << " of " << items;
  }
}

TEST(Team, SleepersWakeForWorkAndForTheEnd) {
  for (int i = 0; i < 50; ++i) {
    Team team(4);
    std::atomic<int> done{0};
    std::this_thread::yield();
    if (i % 2 == 0) team.Run(8, [&](int64_t) { ++done; });
    EXPECT_EQ(done, i % 2 == 0 ? 8 : 0);
  }
}

}  // namespace
}  // namespace troupe::kernels
