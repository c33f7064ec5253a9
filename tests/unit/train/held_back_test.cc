#include "runtime/train/held_back.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace troupe::train {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::vector<LabelledText> Texts(size_t count, size_t labels = 3) {
  std::vector<LabelledText> texts;
  for (size_t i = 0; i < count; ++i) texts.push_back({"text " + std::to_string(i), std::to_string(i % labels), ""});
  return texts;
}

std::set<std::string> NamesOf(const std::vector<LabelledText>& texts) {
  std::set<std::string> names;
  for (const LabelledText& text : texts) names.insert(text.text);
  return names;
}

TEST(HeldBack, AShareIsHeldBackAndStaysSoWhileMoreTextsCome) {
  // given half of the lessons, and later all of them
  const Split first = HoldBack(Texts(1000), 0.2, 7), later = HoldBack(Texts(2000), 0.2, 7);
  EXPECT_NEAR(static_cast<double>(first.held_out.size()), 200, 40);
  EXPECT_EQ(first.held_out.size() + first.train.size(), 1000u);
  // then none has changed sides
  const auto held = NamesOf(later.held_out);
  for (const std::string& name : NamesOf(first.held_out)) EXPECT_TRUE(held.contains(name));
  for (const std::string& name : NamesOf(first.train)) EXPECT_FALSE(held.contains(name));
  // and another seed holds others back
  EXPECT_NE(NamesOf(HoldBack(Texts(1000), 0.2, 8).held_out), NamesOf(first.held_out));
}

TEST(HeldBack, EachLabelHasATextToLearnFrom) {
  const Split split = HoldBack(Texts(40, 20), 0.9, 1);
  std::set<std::string> labels;
  for (const LabelledText& text : split.train) labels.insert(text.label);
  EXPECT_EQ(labels.size(), 20u);
  EXPECT_GE(split.held_out.size(), 10u);
}

TEST(HeldBack, ATextThatIsAskedOftenIsOneLessonByItsLastLabel) {
  const auto each = LastOfEach({{"a", "1", "f:1"}, {"b", "1", "f:2"}, {"a", "2", "f:3"}});
  ASSERT_EQ(each.size(), 2u);
  EXPECT_EQ(each[0].text, "a");
  EXPECT_EQ(each[0].label, "2");
  EXPECT_EQ(each[0].place, "f:3");
  EXPECT_EQ(each[1].text, "b");
}

TEST(HeldBack, OldExamplesAreDrawnEvenlyOverTheLabels) {
  // given ninety texts of one label and ten of another
  std::vector<LabelledText> texts;
  for (int i = 0; i < 100; ++i) texts.push_back({"text " + std::to_string(i), i < 90 ? "often" : "seldom", ""});
  const auto count = [](const std::vector<LabelledText>& drawn) {
    std::map<std::string, size_t> counts;
    for (const LabelledText& text : drawn) ++counts[text.label];
    return counts;
  };
  EXPECT_THAT(count(DrawEvenly(texts, 16, 1)), ElementsAre(Pair("often", 8u), Pair("seldom", 8u)));
  // then what one label has not the other one gives
  EXPECT_THAT(count(DrawEvenly(texts, 40, 1)), ElementsAre(Pair("often", 30u), Pair("seldom", 10u)));
  EXPECT_EQ(DrawEvenly(texts, 1000, 1).size(), 100u);
  EXPECT_TRUE(DrawEvenly(texts, 0, 1).empty());
  EXPECT_EQ(NamesOf(DrawEvenly(texts, 16, 1)), NamesOf(DrawEvenly(texts, 16, 1)));
  EXPECT_NE(NamesOf(DrawEvenly(texts, 16, 1)), NamesOf(DrawEvenly(texts, 16, 2)));
}

}  // namespace
}  // namespace troupe::train
