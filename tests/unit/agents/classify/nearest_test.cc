#include "agents/classify/nearest.h"

#include <gtest/gtest.h>

namespace troupe::classify {

TEST(Nearest, TheNearestVoteTogether) {
  // given one example of "a" very near, two of "b" near
  const Nearest nearest({"a", "b", "b", "c"}, {1, 0, 0.8f, 0.6f, 0.8f, 0.6f, 0, 1}, 2);
  const std::vector<float> query = {1, 0};
  // then one voter says a, three say b
  EXPECT_EQ(nearest.Classify(query, 1).label, "a");
  EXPECT_FLOAT_EQ(nearest.Classify(query, 1).score, 1.0f);
  const Verdict verdict = nearest.Classify(query, 3);
  EXPECT_EQ(verdict.label, "b");
  EXPECT_FLOAT_EQ(verdict.score, 0.8f);
  EXPECT_EQ(verdict.scores.size(), 2u);
  EXPECT_EQ(nearest.Classify(query, 100).scores.size(), 3u);
}

TEST(Nearest, TiesGoToTheFirstInTheFile) {
  const Nearest nearest({"z", "a"}, {1, 0, 1, 0}, 2);
  EXPECT_EQ(nearest.Classify(std::vector<float>{1, 0}, 2).label, "z");
}

TEST(Nearest, ExamplesComeFromCsv) {
  const auto examples = ReadExamples("text,category\n\"hello, you\",greet\n");
  ASSERT_TRUE(examples);
  EXPECT_EQ(examples->at(0).text, "hello, you");
  EXPECT_EQ(examples->at(0).label, "greet");
  EXPECT_FALSE(ReadExamples("text,label\n"));
  EXPECT_FALSE(ReadExamples("a,b\n1,2\n"));
}

}  // namespace troupe::classify
