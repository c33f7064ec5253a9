#include "runtime/kernels/team.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <thread>
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

void WorkFor(std::chrono::microseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) continue;
}

// A helper that loses its core, as the owner sees it: its part takes milliseconds longer.
TEST(Team, ItsOwnerWorksAloneWhileHelpersLoseTheirCoresAndThenSharesAgain) {
  Team team(2);
  const auto owner = std::this_thread::get_id();
  // Whether the helper took part in a round, whose parts are long enough for it to come. Each is done once.
  const auto is_shared = [&](std::chrono::milliseconds lost) {
    std::array<std::atomic<int>, 8> done{};
    std::atomic<bool> shared = false;
    team.Run(done.size(), [&](int64_t part) {
      ++done[static_cast<size_t>(part)];
      WorkFor(std::chrono::microseconds(20));
      if (std::this_thread::get_id() == owner) return;
      shared = true;
      WorkFor(lost);
    });
    for (const auto& count : done) EXPECT_EQ(count, 1);
    return shared.load();
  };
  // given: rounds that go on until a hundred in a row were the owner's
  int alone = 0;
  for (int round = 0; alone < 100 && round < 100'000; ++round) {
    alone = is_shared(std::chrono::milliseconds(5)) ? 0 : alone + 1;
  }
  ASSERT_EQ(alone, 100);
  // then: it is tried again
  bool shared = false;
  for (int round = 0; !shared && round < 100'000; ++round) shared = is_shared(std::chrono::milliseconds(0));
  EXPECT_TRUE(shared);
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
