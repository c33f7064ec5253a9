// A graph and a recipe with a new student in place of the old one, and all else as it was.
#include "router/learn/new_student.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::learn {
namespace {

using ::testing::HasSubstr;

constexpr char kGraph[] = R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: bank}
spec:
  input: {question: string}
  models:
    words: {path: "models:minilm"}     # the student's
    large: {path: models/large}
  agents:
    small: {kind: classify, model: words, pool: cpu, choices: ["5", no]}
    big:
      kind: classify
      model: large   # knows more
      asks: {small: {max: 1}}
  steps:
    parts: {decompose: {by: list, text: "{{ input.question }}", max: 4}}
    handle:
      each: {part: "{{ steps.parts }}", max: 4}
      steps:
        route:
          agent: small
          teach: {agent: big, below: 0.80, check: 2%}
          input: {text: "{{ part.text }}", agent: small}
        other: {agent: big, fallback: 'small', input: {text: small}}
      output: "{{ steps.route.label }}"
  output: "{{ steps.handle }}"
)";

NewStudent Student() { return {"handle.route", 3, "/students/003/model", 0.655}; }

std::string Replaced(std::string text, const std::vector<std::pair<std::string, std::string>>& changes) {
  for (const auto& [from, to] : changes) text.replace(text.find(from), from.size(), to);
  return text;
}

TEST(NewStudent, TakesTheOldOnesPlaceWhereverThatWorkedAndNothingElseChanges) {
  const auto changed = WithStudent(kGraph, "bank.yaml", Student());
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_EQ(*changed, Replaced(kGraph, {{"\"models:minilm\"", "\"/students/003/model\""},
                                        {"    small: {kind", "    \"small-r3\": {kind"},
                                        {"{small: {max", "{\"small-r3\": {max"},
                                        {"agent: small\n", "agent: \"small-r3\"\n"},
                                        {"below: 0.80", "below: 0.655"},
                                        {"fallback: 'small'", "fallback: \"small-r3\""}}));
  EXPECT_EQ(StudentOf(kGraph, "bank.yaml", "handle.route").value(), "small");
  EXPECT_EQ(StudentOf(*changed, "bank.yaml", "handle.route").value(), "small-r3");
}

TEST(NewStudent, TheNextOneTakesItsPlaceInTurn) {
  const auto third = WithStudent(kGraph, "bank.yaml", Student());
  const auto fourth = WithStudent(*third, "bank.yaml", {"handle.route", 4, "/students/004/model", 0.5});
  ASSERT_TRUE(fourth) << fourth.error().message;
  EXPECT_EQ(StudentOf(*fourth, "bank.yaml", "handle.route").value(), "small-r4");
  EXPECT_EQ(fourth->find("r3"), std::string::npos);
}

TEST(NewStudent, IsNamedByItsRound) {
  EXPECT_EQ(AgentName("small", 3), "small-r3");
  EXPECT_EQ(AgentName("small-r12", 13), "small-r13");
  EXPECT_EQ(AgentName("level2", 1), "level2-r1");
  EXPECT_EQ(AgentName("-r1", 2), "-r1-r2");
}

TEST(NewStudent, WhatCannotBeReplacedIsRefusedAndSaysWhatToDo) {
  const std::pair<std::vector<std::pair<std::string, std::string>>, const char*> cases[] = {
      {{{"model: large", "model: words"}}, "model 'words' is also agent 'big's; give agent 'small' one of its own"},
      {{{"\"models:minilm\"", "\"models:minilm\", sha256: ab"}}, "model 'words' states a sha256"},
      {{{"teach:", "taught:"}}, "step 'handle.route' has no teacher"},
      {{{", check: 2%", ""}}, "step 'handle.route' has no spot checks: add check: 2%"},
      {{{"route:", "rout:"}}, "has no step 'handle.route'"},
      {{{"    big:", "    small-r3:"}}, "agent 'small-r3' is there already, so another loop's folder was used before"},
      {{{"below: 0.80", "below: &b 0.80"}}, "must be written as one word"}};
  for (const auto& [changes, expected] : cases) {
    const auto changed = WithStudent(Replaced(kGraph, changes), "bank.yaml", Student());
    ASSERT_FALSE(changed) << expected;
    EXPECT_EQ(changed.error().code, Code::kInvalidArgument);
    EXPECT_THAT(changed.error().message, HasSubstr(expected));
  }
}

TEST(RoundsRecipe, NamesThatStudentAndThoseLessonsAndFindsItsOldExamples) {
  const std::string recipe = R"(kind: LearnRecipe
spec:
  student: bank-student     # the one that serves
  lessons: [pairs.jsonl]
  replay: {texts: [train.csv, /data/more.csv], share: 0.5, heldOut: held.csv}
)";
  EXPECT_EQ(StudentIn(recipe, "learn.yaml").value(), "bank-student");
  const auto ours = RecipeOf(recipe, "learn.yaml", "/work", "/students/002/model", "/students/003/lessons.jsonl");
  ASSERT_TRUE(ours) << ours.error().message;
  EXPECT_EQ(*ours, Replaced(recipe, {{"bank-student", "\"/students/002/model\""},
                                     {"pairs.jsonl", "\"/students/003/lessons.jsonl\""},
                                     {"train.csv", "\"/work/train.csv\""},
                                     {"/data/more.csv", "\"/data/more.csv\""},
                                     {"held.csv", "\"/work/held.csv\""}}));
  EXPECT_THAT(RecipeOf("spec: {student: x, lessons: [a, b]}", "learn.yaml", "/", "y", "z").error().message,
              HasSubstr("names one student and one file of lessons"));
}

}  // namespace
}  // namespace troupe::learn
