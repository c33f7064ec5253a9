#include "runtime/kernels/contention.h"

#include <gtest/gtest.h>

#include <functional>

namespace troupe::kernels {
namespace {

constexpr int64_t kWork = 20'000;
constexpr int64_t kLost = kWork + Contention::kSlackNs + 1;

int64_t RoundsAlone(Contention& contention) {
  int64_t rounds = 0;
  for (; contention.IsAlone(); ++rounds) contention.ObserveAlone(2 * kWork);
  return rounds;
}

TEST(ContentionTest, WithoutLongWaitsTheWorkIsShared) {
  Contention contention;
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_FALSE(contention.IsAlone());
    contention.Observe(kWork, kWork, 1);
    // a large part of another one's is no lost core
    contention.Observe(5'000'000, 5'000'000, 1);
    contention.Observe(5'000'000, 5'000'000 + Contention::kSlackNs, 1);
  }
}

TEST(ContentionTest, OneLongWaitNowAndThenIsBadLuck) {
  Contention contention;
  for (int i = 0; i < 20; ++i) {
    contention.Observe(kWork, kLost, 1);
    for (int64_t j = 0; j < Contention::kWindowRounds; ++j) contention.Observe(kWork, 0, 1);
    ASSERT_FALSE(contention.IsAlone());
  }
}

TEST(ContentionTest, AFewCloseTogetherLeadToWorkAlone) {
  Contention contention;
  contention.Observe(kWork, kLost, 1);
  contention.Observe(kWork, 0, 1);
  EXPECT_FALSE(contention.IsAlone());
  contention.Observe(kWork, kLost, 1);
  EXPECT_EQ(RoundsAlone(contention), Contention::kAloneRounds);
  EXPECT_FALSE(contention.IsAlone()) << "it is tried again";
}

TEST(ContentionTest, TheOftenerItGoesWrongTheLaterItIsTried) {
  Contention contention;
  int64_t before = 0, alone = 0;
  for (int i = 0; i < 20; ++i) {
    contention.Observe(kWork, kLost, 1);
    contention.Observe(kWork, kLost, 1);
    alone = RoundsAlone(contention);
    EXPECT_TRUE(alone == 2 * before || before == 0 || alone == Contention::kMostAloneRounds) << alone;
    before = alone;
  }
  EXPECT_EQ(alone, Contention::kMostAloneRounds);
  // once it has gone well for a while, soon again
  for (int64_t i = 0; i < Contention::kWindowRounds; ++i) contention.Observe(kWork, 0, 1);
  contention.Observe(kWork, kLost, 1);
  contention.Observe(kWork, kLost, 1);
  EXPECT_EQ(RoundsAlone(contention), Contention::kAloneRounds);
}

TEST(ContentionTest, WhereTheOthersWorkWouldTakeLongerWaitsAreBorne) {
  // as in a prompt: milliseconds of work a round, a slice of the kernel's lost now and then
  Contention contention;
  for (int i = 0; i < 1000; ++i) {
    contention.Observe(2'000'000, i % 5 == 0 ? 4'000'000 : 0, 1);
    ASSERT_FALSE(contention.IsAlone()) << i;
  }
}

TEST(ContentionTest, TheMoreOthersThereAreTheMoreIsBorne) {
  const auto is_alone_beside = [](int others) {
    Contention contention;
    contention.Observe(1'000'000, 2'500'000, others);
    contention.Observe(1'000'000, 2'500'000, others);
    return contention.IsAlone();
  };
  EXPECT_TRUE(is_alone_beside(1));
  EXPECT_TRUE(is_alone_beside(2));
  EXPECT_FALSE(is_alone_beside(3));
}

TEST(ContentionTest, LongWorkIsSharedAgainAtOnce) {
  Contention contention;
  contention.Observe(kWork, kLost, 1);
  contention.Observe(kWork, kLost, 1);
  ASSERT_TRUE(contention.IsAlone());
  contention.ObserveAlone(2 * kWork);
  ASSERT_TRUE(contention.IsAlone());
  contention.ObserveAlone(2 * Contention::kLongNs);
  EXPECT_FALSE(contention.IsAlone());
}

// Two cores, a neighbour that wants one of them for a share of the time: what of the speed is left, against one core
// alone and both.
TEST(ContentionTest, BesideABusyNeighbourItIsNearlyAsFastAsOneCore) {
  Contention contention;
  int64_t time_ns = 0;
  constexpr int kRounds = 100'000;
  for (int i = 0; i < kRounds; ++i) {
    if (contention.IsAlone()) {
      contention.ObserveAlone(2 * kWork);
      time_ns += 2 * kWork;
      continue;
    }
    const int64_t waited = i % 40 == 0 ? 3'000'000 : 0;  // a slice of the kernel's
    contention.Observe(kWork, waited, 1);
    time_ns += kWork + waited;
  }
  EXPECT_LT(time_ns, kRounds * kWork * 2 * 11 / 10);
}

}  // namespace
}  // namespace troupe::kernels
