#include "router/answers/step_key.h"

#include <gtest/gtest.h>

namespace troupe::answers {
namespace {

class StepKeyTest : public testing::Test {
 protected:
  StepKeyTest() {
    graph_->version = GraphVersion("v1");
    rule_.semantic = graph::CacheRule::Semantic{.agent = "reader"};
  }
  StepKey Key(const Value& input, const std::string& text, const std::string& user = "") const {
    return KeyOf({.graph = "g", .agent = "writer", .path = "each[3].a", .input_json = Dump(input)},
                 {graph_, &rule_, "each.a", user, text}, "m", "0");
  }
  const std::shared_ptr<graph::Graph> graph_ = std::make_shared<graph::Graph>();
  graph::CacheRule rule_;
};

TEST_F(StepKeyTest, QuestionsAnswerEachOtherOnlyWhereTheRestOfTheInputIsTheSame) {
  // given
  const StepKey one = Key({{"prompt", "Facts: open daily. When do you open?"}}, "When do you open?");
  const StepKey two = Key({{"prompt", "Facts: open daily. When can I come?"}}, "When can I come?");
  const StepKey other = Key({{"prompt", "Facts: closed. When can I come?"}}, "When can I come?");
  // then
  EXPECT_NE(one.key, two.key);
  EXPECT_FALSE(one.meaning.empty());
  EXPECT_EQ(one.meaning, two.meaning);
  EXPECT_NE(two.meaning, other.meaning);
}

TEST_F(StepKeyTest, QuotesAndLinesInAQuestionAreFoundInTheInput) {
  const std::string text = "say \"hi\"\nand go";
  EXPECT_EQ(Key({{"text", text}}, text).meaning, Key({{"text", "hello"}}, "hello").meaning);
}

TEST_F(StepKeyTest, AQuestionThatIsNotInTheInputIsAnsweredByEqualInputsOnly) {
  EXPECT_EQ(Key({{"text", "summary"}}, "When do you open?").meaning, "");
  EXPECT_EQ(Key({{"text", "summary"}}, "").meaning, "");
}

TEST_F(StepKeyTest, UsersShareNothing) {
  const StepKey ann = Key({{"text", "x"}}, "x", "\"ann\""), bob = Key({{"text", "x"}}, "x", "\"bob\"");
  EXPECT_NE(ann.key, bob.key);
  EXPECT_NE(ann.meaning, bob.meaning);
}

}  // namespace
}  // namespace troupe::answers
