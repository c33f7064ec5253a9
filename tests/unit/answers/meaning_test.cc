// Answers given to questions that mean the same. Vectors are the test's own.
#include <gmock/gmock.h>

#include "tests/unit/answers/fake_backend.h"

namespace troupe::answers {
namespace {

using testing::HasSubstr;

class MeaningTest : public AnswersTest {
 protected:
  MeaningTest() { UseCache("{semantic: {text: \"{{ input.text }}\", agent: reader}}"); }

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
    answers_.meanings().Learn({"g", "a"}, 0.01, 0.8, true, 1.0);
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

}  // namespace
}  // namespace troupe::answers
