#include "runtime/engine/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "runtime/engine/page_pool.h"

namespace troupe::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kPlenty = 1000;
constexpr StepLimits kLimits{.prefill_tokens = 128, .prefill_tokens_alone = 256};
constexpr StepLimits kEqual{.prefill_tokens = 128, .prefill_tokens_alone = 128};

// Sequences that hold the pages that they need for what is known of them.
Running Decoding(uint64_t arrival, int64_t length, int32_t priority = 0) {
  return {{priority, arrival}, length, 1, PagesFor(length + 1)};
}
Running Prompt(uint64_t arrival, int64_t pending, int64_t length = 0, int32_t priority = 0) {
  return {{priority, arrival}, length, pending, PagesFor(length + pending)};
}

TEST(SchedulerTest, EverySequenceThatDecodesTakesPart) {
  std::vector<Running> running{Prompt(1, 5000), Prompt(2, 5000)};
  for (uint64_t i = 3; i < 20; ++i) running.push_back(Decoding(i, 10));
  const StepPlan plan = PlanStep(running, kPlenty, 0, kEqual);
  std::map<size_t, int64_t> tokens;
  for (const Piece& piece : plan.pieces) tokens[piece.index] += piece.tokens;
  EXPECT_EQ(tokens.size(), running.size());
  for (size_t i = 2; i < running.size(); ++i) EXPECT_EQ(tokens[i], 1);
  EXPECT_EQ(tokens[0] + tokens[1], 128);
}

TEST(SchedulerTest, ForcedTokensRunTogether) {
  Running forced = Decoding(1, 10);
  forced.pending = 7;
  EXPECT_THAT(PlanStep(std::vector{forced}, kPlenty, 0, kLimits).pieces, ElementsAre(Piece{0, 7}));
}

TEST(SchedulerTest, PromptsGetTheMoreTheFewerWaitForThem) {
  EXPECT_THAT(PlanStep(std::vector{Prompt(1, 5000)}, kPlenty, 0, kLimits).pieces, ElementsAre(Piece{0, 256}));
  std::vector<Running> running{Prompt(1, 5000)};
  int64_t before = 256;
  for (uint64_t decoding = 1; decoding <= 64; ++decoding) {
    running.push_back(Decoding(1 + decoding, 9));
    const StepPlan plan = PlanStep(running, kPlenty, 0, kLimits);
    ASSERT_EQ(plan.pieces.back().index, 0u);
    const int64_t tokens = plan.pieces.back().tokens;
    EXPECT_TRUE(decoding > 1 || tokens == 192) << tokens;
    EXPECT_GE(tokens, 128);
    EXPECT_LE(tokens, before);
    before = tokens;
  }
  EXPECT_EQ(before, 128);
}

TEST(SchedulerTest, ALongPromptDoesNotHoldUpAShortOne) {
  const std::vector<Running> running{Prompt(1, 8000), Prompt(2, 40), Decoding(3, 9)};
  // the short one is run as a whole, the long one gets what that does not need
  EXPECT_THAT(PlanStep(running, kPlenty, 0, kEqual).pieces, ElementsAre(Piece{2, 1}, Piece{0, 80}, Piece{1, 40}));
}

TEST(SchedulerTest, PromptsTakeTurns) {
  std::vector<Running> running;
  for (uint64_t i = 1; i <= 5; ++i) running.push_back(Prompt(i, 64));
  running.push_back(Decoding(9, 9));
  uint64_t turn = 0;
  std::vector<std::vector<size_t>> steps;
  for (int step = 0; step < 5; ++step) {
    const StepPlan plan = PlanStep(running, kPlenty, turn, kEqual);
    turn = plan.turn;
    steps.emplace_back();
    for (const Piece& piece : plan.pieces) {
      if (piece.index < 5) steps.back().push_back(piece.index);
    }
  }
  EXPECT_THAT(steps, ElementsAre(ElementsAre(0, 1), ElementsAre(2, 3), ElementsAre(4, 0), ElementsAre(1, 2),
                                 ElementsAre(3, 4)));
}

TEST(SchedulerTest, PiecesOfAPromptEndWherePagesDo) {
  const auto plan = PlanStep(std::vector{Prompt(1, 5000, 21)}, kPlenty, 0, kLimits);
  EXPECT_THAT(plan.pieces, ElementsAre(Piece{0, 251}));  // to 272
  const StepLimits few{.prefill_tokens = 3, .prefill_tokens_alone = 3};
  EXPECT_THAT(PlanStep(std::vector{Prompt(1, 5000, 2)}, kPlenty, 0, few).pieces, ElementsAre(Piece{0, 3}));
}

TEST(SchedulerTest, APieceEndsWhereItMust) {
  Running bounded = Prompt(1, 500, 20);
  bounded.piece_end = 30;
  EXPECT_THAT(PlanStep(std::vector{bounded}, kPlenty, 0, kLimits).pieces, ElementsAre(Piece{0, 10}));
  bounded.piece_end = 20;
  EXPECT_THAT(PlanStep(std::vector{bounded}, kPlenty, 0, kLimits).pieces, ElementsAre(Piece{0, 1}));
}

TEST(SchedulerTest, WhereTheNextTokensFitNobodyIsPreempted) {
  // both need a page: one that begins for the one, two of them for the other
  Running forced = Decoding(2, 30);
  forced.pending = 16;
  forced.pages = 2;
  const std::vector<Running> running{{{0, 1}, 16, 1, 1}, forced};
  const StepPlan plan = PlanStep(running, 2, 0, kLimits);
  EXPECT_FALSE(plan.preempt);
  EXPECT_EQ(plan.new_pages, 2);
  EXPECT_TRUE(PlanStep(running, 1, 0, kLimits).preempt);
}

TEST(SchedulerTest, TheLeastImportantAndOfThoseTheYoungestGivesWay) {
  const auto full = [](uint64_t arrival, int32_t priority) { return Running{{priority, arrival}, 16, 1, 1}; };
  const std::vector<Running> running{full(4, 1), full(1, 0), full(3, 0), full(2, 0)};
  const StepPlan plan = PlanStep(running, 0, 7, kLimits);
  EXPECT_EQ(plan.preempt, 2u);
  EXPECT_THAT(plan.pieces, IsEmpty());
  EXPECT_EQ(plan.turn, 7u);
}

TEST(SchedulerTest, JoiningNeedsAPlaceItsPagesAndOneForEveryOther) {
  EXPECT_TRUE(MayJoin(5, 5, 0, 8));
  EXPECT_FALSE(MayJoin(6, 5, 0, 8));
  EXPECT_FALSE(MayJoin(5, 7, 3, 8));
  EXPECT_TRUE(MayJoin(5, 8, 3, 8));
  EXPECT_FALSE(MayJoin(1, 100, 8, 8));
}

TEST(SchedulerTest, TheOneThatWaitsLongestIsOverdueAfterSoManyOthers) {
  // number 10 came after 10 others: when 10 + 63 have left, at most 63 came after it
  EXPECT_FALSE(IsOverdue(10, 10 + kMaxOvertakes - 1));
  EXPECT_TRUE(IsOverdue(10, 10 + kMaxOvertakes));
}

// Whatever comes, every sequence gets to its end, in a pool that holds little more than one of the longest.
TEST(SchedulerTest, AllComeToTheirEndHoweverFewPagesThereAre) {
  int preempted = 0;
  for (uint32_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    struct Job {
      Rank rank;
      int64_t known, total;
    };
    const int64_t pages = 13 + static_cast<int64_t>(random() % 20);
    std::vector<Job> waiting;
    for (uint64_t i = 1; i <= 30; ++i) {
      const auto known = static_cast<int64_t>(1 + random() % 100);
      waiting.push_back(
          {{static_cast<int32_t>(random() % 3), i}, known, known + 1 + static_cast<int64_t>(random() % 100)});
    }
    std::vector<Job> jobs;
    std::vector<Running> running;
    int64_t free = pages;
    uint64_t turn = 0;
    int steps = 0;
    for (; (!waiting.empty() || !running.empty()) && steps < 20'000; ++steps) {
      std::sort(waiting.begin(), waiting.end(), [](const Job& a, const Job& b) { return IsBefore(b.rank, a.rank); });
      StepPlan plan = PlanStep(running, free, turn, kLimits);
      if (plan.preempt) {
        const auto at = static_cast<std::ptrdiff_t>(*plan.preempt);
        ++preempted;
        free += running[*plan.preempt].pages;
        waiting.push_back(jobs[*plan.preempt]);
        running.erase(running.begin() + at);
        jobs.erase(jobs.begin() + at);
        continue;
      }
      while (!waiting.empty() &&
             MayJoin(PagesFor(waiting.back().known), free - plan.new_pages, static_cast<int64_t>(running.size()), 8)) {
        const Job job = waiting.back();
        waiting.pop_back();
        jobs.push_back(job);
        running.push_back({job.rank, 0, job.known, PagesFor(job.known)});
        free -= PagesFor(job.known);
      }
      plan = PlanStep(running, free, turn, kLimits);
      turn = plan.turn;
      ASSERT_FALSE(plan.preempt) << "who joins must not push out others at once";
      ASSERT_FALSE(plan.pieces.empty());
      ASSERT_LE(plan.new_pages, free);
      for (const Piece& piece : plan.pieces) {
        Running& sequence = running[piece.index];
        sequence.length += piece.tokens;
        sequence.pending -= piece.tokens;
        const int64_t grown = std::max(sequence.pages, PagesFor(sequence.length));
        free -= grown - sequence.pages;
        sequence.pages = grown;
        if (sequence.pending > 0) continue;
        sequence.pending = 1;
        ++jobs[piece.index].known;
      }
      ASSERT_GE(free, 0);
      for (size_t i = running.size(); i-- > 0;) {
        if (jobs[i].known < jobs[i].total) continue;
        free += running[i].pages;
        running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
        jobs.erase(jobs.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    ASSERT_TRUE(waiting.empty() && running.empty()) << "not done after " << steps << " steps";
    ASSERT_EQ(free, pages);
  }
  EXPECT_GT(preempted, 100);
}

}  // namespace
}  // namespace troupe::engine
