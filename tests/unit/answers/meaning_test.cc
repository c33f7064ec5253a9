// Answers given to questions that mean the same. Vectors are the test's own.
#include <gmock/gmock.h>

#include "tests/unit/answers/fake_backend.h"

namespace troupe::answers {
namespace {

using testing::HasSubstr;

class MeaningTest : public AnswersTest {
 protected:
  MeaningTest() { UseJudge("equal"); }

  void UseJudge(const std::string& judge) {
    UseCache("{semantic: {text: \"{{ input.text }}\", agent: reader, judge: " + judge + "}}");
  }

  static Value Vector(double x, double y) { return {{"vectors", Value::array({Value::array({x, y})})}}; }
  // A question with that vector; what the step gives where it is really done.
  std::shared_ptr<Ear> Ask(const std::string& question, double x, double y) {
    const size_t before = made();
    auto ear = Start(question, "", question);
    EXPECT_EQ(Made(before).order.agent, "reader");
    EXPECT_EQ(Made(before).order.input_json, Dump(Value{{"texts", Value::array({question})}}));
    Made(before).Done(Vector(x, y), {.device_us = 70});
    return ear;
  }
};

TEST_F(MeaningTest, AQuestionInOtherWordsIsAnsweredByTheEarlierOne) {
  // given
  Ask("How can I change my password?", 1.0, 0.0);
  Made(1).Done("In the settings.");
  // when
  const auto second = Ask("How do I change my password?", 0.99, 0.05);
  // then
  EXPECT_EQ(*second->End().output, "In the settings.");
  EXPECT_THAT(second->End().site.reason, HasSubstr("means the same"));
  EXPECT_EQ(second->End().usage.device_us, 70) << "the vector was made";
  EXPECT_EQ(tally().meaning, 1);
  EXPECT_EQ(made(), 3u);
}

TEST_F(MeaningTest, AQuestionThatTheGuardKeepsApartIsAskedAnew) {
  Ask("How can I change my password?", 1.0, 0.0);
  Made(1).Done("In the settings.");
  const auto second = Ask("How can I not change my password?", 1.0, 0.0);
  Made(3).Done("Do nothing.");
  EXPECT_EQ(*second->End().output, "Do nothing.");
  EXPECT_EQ(second->End().usage.device_us, 2'000'070);
}

TEST_F(MeaningTest, AQuestionThatIsTooFarIsAskedAnewAndTeaches) {
  Ask("How can I change my password?", 1.0, 0.0);
  Made(1).Done("In the settings.");
  const auto second = Ask("How do I change my password?", 0.8, 0.6);
  Made(3).Done("In the settings.");
  EXPECT_EQ(*second->End().output, "In the settings.");
  EXPECT_EQ(tally().meaning, 0);
  // a hundred more like it show that this is near enough
  for (int i = 0; i < 2000 && tally().meaning == 0; ++i) {
    answers_.meanings().Learn({"g", "a"}, 0.8, true, 1.0);
  }
  EXPECT_LT(*answers_.meanings().Threshold({"g", "a"}), 0.82);
}

TEST_F(MeaningTest, WhatTheGuardCannotReadIsNotLookedFor) {
  const auto ear = Start("\xff\xfe", "", "\xff\xfe");
  EXPECT_EQ(Made(0).order.agent, "writer");
  Made(0).Done("x");
  EXPECT_EQ(*ear->End().output, "x");
}

TEST_F(MeaningTest, WithoutAVectorItIsAskedAnew) {
  const auto one = Start("How can I change my password?", "", "How can I change my password?");
  Made(0).Fail();
  Made(1).Done("In the settings.");
  EXPECT_EQ(*one->End().output, "In the settings.");
  const auto two = Start("Who are you?", "", "Who are you?");
  Made(2).Done("no vector");
  Made(3).Done("A bank.");
  EXPECT_EQ(*two->End().output, "A bank.");
}

TEST_F(MeaningTest, UsersShareNothingByMeaningEither) {
  UseCache("{user: \"{{ input.who }}\", semantic: {text: \"{{ input.text }}\", agent: reader}}");
  const std::string question = "What is my balance?";
  Start(question, "\"ann\"", question);
  Made(0).Done(Vector(1, 0));
  Made(1).Done("10 pounds");
  const auto other = Start(question, "\"bob\"", question);
  Made(2).Done(Vector(1, 0));
  Made(3).Done("20 pounds");
  EXPECT_EQ(*other->End().output, "20 pounds");
}

TEST_F(MeaningTest, OneHitInTwentyIsCheckedAndAWrongOneTeaches) {
  // given
  Ask("How can I change my password?", 1.0, 0.0);
  Made(1).Done("In the settings.");
  // when
  for (int i = 0; i < 20; ++i) Ask("How do I change my password?", 1.0, 0.0)->End();
  // then
  FakeCall& check = Made(22);
  EXPECT_EQ(check.order.agent, "writer");
  EXPECT_EQ(check.order.priority, 0);
  check.Done("By phone.");
  EXPECT_TRUE(Eventually("the check is counted", [&] { return tally().checked == 1; }));
  EXPECT_EQ(tally().wrong, 1);
  // and from then on that question has an answer of its own
  EXPECT_EQ(*Start("How do I change my password?", "", "How do I change my password?")->End().output, "By phone.");
}

// An agent that writes freely: answers in other words are no others.
TEST_F(MeaningTest, AnswersThatAreAlikeTeachThatAQuestionWasNearEnough) {
  UseJudge("alike");
  // given
  Ask("How can I change my password?", 1.0, 0.0);
  Made(1).Done("You change it in the settings.");
  // when: a question that is too far is answered in other words
  Ask("How do I change my password?", 0.8, 0.6)->ends();
  Made(3).Done("In the settings you can change it.");
  FakeCall& compared = Made(4);
  EXPECT_EQ(compared.order.agent, "reader");
  EXPECT_EQ(compared.order.priority, 0);
  EXPECT_EQ(
      compared.order.input_json,
      Dump(Value{{"texts", Value::array({"You change it in the settings.", "In the settings you can change it."})}}));
  compared.Done({{"vectors", Value::array({Value::array({1.0, 0.0}), Value::array({0.81, 0.59})})}});
  // then: the two are one answer, so that neither is the other's rival
  const auto third = Ask("How do I change the password?", 1.0, 0.0);
  EXPECT_EQ(*third->End().output, "You change it in the settings.");
}

TEST_F(MeaningTest, AnswersThatAreNotAlikeAreRivals) {
  UseJudge("alike");
  Ask("How can I change my password?", 1.0, 0.0);
  Made(1).Done("You change it in the settings.");
  Ask("How do I change my password?", 0.8, 0.6);
  Made(3).Done("Somebody at the branch does it.");
  Made(4).Done({{"vectors", Value::array({Value::array({1.0, 0.0}), Value::array({0.79, 0.62})})}});
  // as near as can be, and not near enough beside the other
  Ask("How do I change the password?", 1.0, 0.0);
  EXPECT_EQ(Made(6).order.agent, "writer");
}

TEST_F(MeaningTest, AFactThatDiffersInTheAnswersNeedsNoVectors) {
  UseJudge("alike");
  Ask("How long does it take?", 1.0, 0.0);
  Made(1).Done("It takes 2 days.");
  Ask("How long will it take?", 0.9, 0.43);
  Made(3).Done("It takes 3 days.");
  Ask("Who are you?", 0.0, 1.0);
  EXPECT_EQ(Made(5).order.agent, "writer");
}

TEST_F(MeaningTest, WhereNobodyCanTellNothingIsLearnt) {
  UseJudge("alike");
  Ask("How can I change my password?", 1.0, 0.0);
  Made(1).Done("You change it in the settings.");
  Ask("How do I change my password?", 0.8, 0.6);
  Made(3).Done("Somebody at the branch does it.");
  Made(4).Fail();
  EXPECT_EQ(*answers_.meanings().Threshold({"g", "a"}), 0.95);
}

TEST_F(MeaningTest, WherePeopleJudgeAnswersInOtherWordsAreNoRivals) {
  UseJudge("people");
  // given: two questions that are near each other, with answers in other words
  Ask("How can I change my password?", 1.0, 0.0);
  Made(1).Done("In the settings.");
  Ask("How do I change my password?", 0.9, 0.43);
  Made(3).Done("Somebody at the branch does it.");
  // when
  const auto third = Ask("How do I change the password?", 1.0, 0.01);
  // then: given, and not checked by the agent
  EXPECT_EQ(*third->End().output, "In the settings.");
  for (int i = 0; i < 40; ++i) Ask("How do I change the password?", 1.0, 0.01)->End();
  EXPECT_EQ(tally().meaning, 41);
  EXPECT_EQ(tally().misses, 2);
  EXPECT_EQ(tally().checked, 0);
}

TEST_F(MeaningTest, AnAnswerThatSomebodyCallsWrongIsNotGivenToThatQuestionAgain) {
  UseJudge("people");
  Ask("How can I change my password?", 1.0, 0.0);
  Made(1).Done("In the settings.");
  EXPECT_EQ(*Ask("How do I change my password?", 1.0, 0.01)->End().output, "In the settings.");
  // when
  EXPECT_EQ(answers_.Judge("t", "b", false), 0) << "another step";
  EXPECT_EQ(answers_.Judge("t", "a", false), 1);
  EXPECT_EQ(answers_.Judge("t", "", false), 0) << "nobody's word counts twice";
  EXPECT_EQ(answers_.Judge("other", "", false), 0);
  // then
  EXPECT_EQ(tally().checked, 1);
  EXPECT_EQ(tally().wrong, 1);
  const size_t before = made();
  Ask("How do I change my password?", 1.0, 0.01);
  Made(before + 1).Done("By phone.");
  EXPECT_EQ(*Ask("How would I change my password?", 1.0, 0.0)->End().output, "In the settings.")
      << "others get it still";
}

TEST_F(MeaningTest, WhereTheyAreTooOftenWrongNothingIsGiven) {
  UseJudge("people");
  Ask("How can I change my password?", 1.0, 0.0);
  Made(1).Done("In the settings.");
  const auto question = [](int i) {
    return "How do I change password" + std::string(static_cast<size_t>(i), '!') + "?";
  };
  int given = 0;
  for (int i = 1; i <= 40; ++i) {
    const size_t before = made();
    Ask(question(i), 1.0, 0.01);
    if (answers_.Judge("t", "", false) == 0) {
      Made(before + 1).Done("By phone.");
      break;
    }
    ++given;
  }
  EXPECT_GT(given, 0);
  EXPECT_LT(given, 10);
  EXPECT_GT(*answers_.meanings().Threshold({"g", "a"}), 1.0);
}

TEST_F(MeaningTest, AnotherVersionOfTheGraphMayWantAnotherThreshold) {
  UseJudge("people, threshold: 0.9");
  Ask("How can I change my password?", 1.0, 0.0);
  EXPECT_EQ(*answers_.meanings().Threshold({"g", "a"}), 0.9);
  UseJudge("people, threshold: 0.8");
  Ask("How can I change my pin?", 0.0, 1.0);
  EXPECT_EQ(*answers_.meanings().Threshold({"g", "a"}), 0.8);
}

}  // namespace
}  // namespace troupe::answers
