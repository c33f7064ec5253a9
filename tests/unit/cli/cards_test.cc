#include "router/cli/cards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace troupe::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kGib = int64_t{1} << 30;

CardUser User(const std::string& name, std::vector<std::string> gpus, int percent = 0, int64_t bytes = 0) {
  CardUser user;
  user.name = name;
  user.gpus = std::move(gpus);
  user.memory = {.bytes = bytes, .percent = percent};
  return user;
}

// Empty, and a failure, where they are refused.
std::vector<CardNumber> Placed(const std::vector<CardUser>& users, const std::vector<Card>& cards) {
  const auto placed = PlaceOnCards(users, cards);
  EXPECT_TRUE(placed) << ToString(placed.error());
  return placed ? *placed : std::vector<CardNumber>();
}

const std::vector<Card> kTwoL4 = {{"NVIDIA-L4", 24 * kGib}, {"NVIDIA-L4", 24 * kGib}};

TEST(PlaceOnCards, OneThatNeedsNoneHasNone) {
  EXPECT_THAT(Placed({User("reader", {}), User("writer", {"NVIDIA-L4"})}, kTwoL4), ElementsAre(kNoCard, 0));
}

TEST(PlaceOnCards, ReplicasAreSpreadOverEqualCards) {
  const CardUser writer = User("writer", {"NVIDIA-L4"});
  EXPECT_THAT(Placed({writer, writer, writer, writer}, kTwoL4), ElementsAre(0, 1, 0, 1));
}

TEST(PlaceOnCards, AgentsShareACardByWhatTheyAreGranted) {
  // 60 + 40 fill the first card, 50 + 50 the second, in whatever order they come
  EXPECT_THAT(Placed({User("a", {"NVIDIA-L4"}, 40), User("b", {"NVIDIA-L4"}, 50), User("c", {"NVIDIA-L4"}, 60),
                      User("d", {"NVIDIA-L4"}, 50)},
                     kTwoL4),
              ElementsAre(0, 1, 0, 1));
}

TEST(PlaceOnCards, WhatDoesNotFitIsRefusedWithWhatIsLeft) {
  const auto refused = PlaceOnCards(
      {User("a", {"NVIDIA-L4"}, 70), User("b", {"NVIDIA-L4"}, 70), User("c-0", {"NVIDIA-L4"}, 0, 12 * kGib)}, kTwoL4);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kResourceExhausted);
  EXPECT_THAT(refused.error().message, HasSubstr("c-0 is granted 12GiB, but"));
  EXPECT_THAT(refused.error().message,
              HasSubstr("NVIDIA-L4 (number 0) 30%, NVIDIA-L4 (number 1) 30%; grant the agents less memory"));
}

TEST(PlaceOnCards, TheMostWantedProductWithRoomIsTaken) {
  const std::vector<Card> cards = {{"NVIDIA-A10G", 24 * kGib}, {"NVIDIA-L4", 24 * kGib}};
  const CardUser half = User("writer", {"NVIDIA-L4", "NVIDIA-A10G"}, 50);
  EXPECT_THAT(Placed({half, half, half}, cards), ElementsAre(1, 1, 0));
}

TEST(PlaceOnCards, AProductThatIsNotHereIsRefusedUnlessPinsAreRelaxed) {
  CardUser writer = User("writer-0", {"NVIDIA-H200"}, 50);
  const auto refused = PlaceOnCards({writer}, kTwoL4);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kFailedPrecondition);
  EXPECT_THAT(refused.error().message, HasSubstr("writer-0 is pinned to NVIDIA-H200"));
  writer.relaxed = true;
  EXPECT_THAT(Placed({writer}, kTwoL4), ElementsAre(0));
  EXPECT_THAT(Placed({writer}, {}), ElementsAre(kNoCard));
}

TEST(PlaceOnCards, WhatNothingDependsOnTakesWhatIsLeftOrIsLeftOut) {
  // given: larger than the others, and named before them
  CardUser spill = User("spill", {"NVIDIA-L4"}, 70);
  spill.dispensable = true;
  const CardUser writer = User("writer", {"NVIDIA-L4"}, 60);
  // when, then
  EXPECT_THAT(Placed({spill, writer}, kTwoL4), ElementsAre(1, 0));
  EXPECT_THAT(Placed({spill, writer, writer}, kTwoL4), ElementsAre(kLeftOut, 0, 1));
  spill.gpus = {"NVIDIA-H200"};
  EXPECT_THAT(Placed({spill, writer}, kTwoL4), ElementsAre(kLeftOut, 0));
}

TEST(PlaceOnCards, NothingIsEverGrantedTwice) {
  for (uint32_t seed = 0; seed < 2000; ++seed) {
    // given
    std::mt19937 random(seed);
    std::vector<Card> cards;
    for (uint32_t i = random() % 4; i > 0; --i) {
      cards.push_back({random() % 2 ? "NVIDIA-L4" : "NVIDIA-H100", static_cast<int64_t>(1 + random() % 80) * kGib});
    }
    std::vector<CardUser> users;
    for (uint32_t i = random() % 8; i > 0; --i) {
      users.push_back(User("u" + std::to_string(i), {"NVIDIA-L4", "NVIDIA-H100"}, 0));
      if (random() % 2)
        users.back().memory.percent = static_cast<int>(1 + random() % 100);
      else if (random() % 2)
        users.back().memory.bytes = static_cast<int64_t>(random() % 40) * kGib / 2;
      users.back().relaxed = random() % 2 == 0;
      users.back().dispensable = random() % 3 == 0;
    }
    // when
    const auto placed = PlaceOnCards(users, cards);
    if (!placed) continue;
    // then
    std::vector<double> granted(cards.size());
    for (size_t i = 0; i < users.size(); ++i) {
      const int card = (*placed)[i];
      if (card == kLeftOut) {
        EXPECT_TRUE(users[i].dispensable) << "seed " << seed;
        continue;
      }
      if (card == kNoCard) {
        EXPECT_TRUE(users[i].relaxed) << "seed " << seed;
        continue;
      }
      ASSERT_LT(static_cast<size_t>(card), cards.size());
      const double total = static_cast<double>(cards[static_cast<size_t>(card)].memory_bytes);
      granted[static_cast<size_t>(card)] +=
          users[i].memory.percent / 100.0 + static_cast<double>(users[i].memory.bytes) / total;
    }
    for (const double share : granted) EXPECT_LE(share, 1.0 + 1e-9) << "seed " << seed;
  }
}

}  // namespace
}  // namespace troupe::cli
