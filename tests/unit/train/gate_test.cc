#include "runtime/train/gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::train {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<std::string> kLabels{"card", "rent", "pets"};
constexpr size_t kKnown = 2;  // "pets" is new

// What both say to pairs of one label, by how many there are.
struct Counts {
  PairFrom from;
  int64_t number;
  int both = 0, lost = 0, won = 0, neither = 0;
};
std::vector<JudgedPair> Pairs(const std::vector<Counts>& all) {
  std::vector<JudgedPair> pairs;
  for (const Counts& counts : all) {
    const int64_t right = counts.number, wrong = right == 0 ? 1 : 0;
    pairs.insert(pairs.end(), static_cast<size_t>(counts.both), {counts.from, right, right, right});
    pairs.insert(pairs.end(), static_cast<size_t>(counts.lost), {counts.from, right, right, wrong});
    pairs.insert(pairs.end(), static_cast<size_t>(counts.won), {counts.from, right, wrong, right});
    pairs.insert(pairs.end(), static_cast<size_t>(counts.neither), {counts.from, right, wrong, wrong});
  }
  return pairs;
}
GateResult Judged(const std::vector<Counts>& counts, const GateRules& rules = {}) {
  return Judge(Pairs(counts), kLabels, kKnown, rules);
}

TEST(Gate, OneThatLearntAndForgotNothingPasses) {
  const GateResult result = Judged({{PairFrom::kOldExample, 0, 95, 1, 1, 3},
                                    {PairFrom::kOldExample, 1, 90, 2, 2, 6},
                                    {PairFrom::kLesson, 1, 10, 0, 20, 5},
                                    {PairFrom::kLesson, 2, 0, 0, 12, 3}});
  EXPECT_TRUE(result.passed()) << result.ToMarkdown();
  EXPECT_EQ(result.lessons.pairs, 50u);
  EXPECT_EQ(result.lessons.new_right, 42u);
  EXPECT_EQ(result.old_examples.lost, 3u);
  ASSERT_EQ(result.skills.size(), 3u);
  EXPECT_FALSE(result.skills[1].is_new);
  EXPECT_TRUE(result.skills[2].is_new);
}

TEST(Gate, LessonsThatAreWonDoNotMakeGoodForOldExamplesThatAreLost) {
  // given two points less on old examples, spread over both labels, and much gained on lessons
  const GateResult result = Judged({{PairFrom::kOldExample, 0, 95, 2, 0, 3},
                                    {PairFrom::kOldExample, 1, 94, 2, 0, 4},
                                    {PairFrom::kLesson, 1, 0, 0, 50, 0}});
  EXPECT_THAT(result.reasons,
              ElementsAre("old examples fell from 96.5 % to 94.5 % of 200 pairs, and may fall by 1.0 %"));
  // and within what is allowed it passes
  EXPECT_TRUE(Judged({{PairFrom::kOldExample, 0, 95, 2, 0, 3}, {PairFrom::kOldExample, 1, 96, 0, 0, 4}}).passed());
}

TEST(Gate, ASkillThatIsForgottenIsNamed) {
  // given a label that loses six of its ten pairs, while the other one gains more
  const GateResult result = Judged({{PairFrom::kOldExample, 0, 4, 6, 0, 0}, {PairFrom::kOldExample, 1, 50, 0, 20, 0}});
  EXPECT_THAT(result.reasons, ElementsAre(HasSubstr("the skill \"card\" fell from 100.0 % to 40.0 % of 10 pairs")));
  EXPECT_THAT(result.ToMarkdown(), HasSubstr("| `card` | 10 | 100.0 % | 40.0 % | 6 | 0 | worse |"));
}

TEST(Gate, AFewPairsAreChance) {
  // two of ten lost and none won come by chance one time in four
  EXPECT_TRUE(Judged({{PairFrom::kOldExample, 0, 8, 2, 0, 0}, {PairFrom::kOldExample, 1, 50, 0, 20, 0}}).passed());
  // and so are five of two hundred that are lost where two are won, unless every fall is to count
  const std::vector<Counts> few{{PairFrom::kOldExample, 0, 193, 5, 2, 0}};
  EXPECT_TRUE(Judged(few).passed());
  EXPECT_FALSE(Judged(few, {.chance = 1}).passed());
  EXPECT_NEAR(SignTest(2, 0), 0.25, 1e-12);
  EXPECT_NEAR(SignTest(7, 1), 9.0 / 256, 1e-12);
  EXPECT_NEAR(SignTest(0, 5), 1, 1e-12);
  EXPECT_NEAR(SignTest(0, 0), 1, 1e-12);
}

TEST(Gate, LessonsThatNothingCouldBeLearntFromAreABadBatch) {
  // given old examples as before, and lessons of which it still knows few
  const GateResult result = Judged({{PairFrom::kOldExample, 0, 95, 0, 0, 5}, {PairFrom::kLesson, 1, 2, 0, 3, 45}});
  EXPECT_THAT(result.reasons, ElementsAre(HasSubstr("of the held-back lessons only 10.0 % are right")));
}

TEST(Gate, ItsResultIsReadByPrograms) {
  const Value value = Judged({{PairFrom::kOldExample, 0, 4, 6, 0, 0}}).ToValue();
  EXPECT_EQ(value["passed"], false);
  EXPECT_EQ(value["skills"][0], (Value{{"label", "card"},
                                       {"new", false},
                                       {"worse", true},
                                       {"pairs", 10},
                                       {"old_right", 10},
                                       {"new_right", 4},
                                       {"lost", 6},
                                       {"won", 0}}));
}

}  // namespace
}  // namespace troupe::train
