#include "runtime/evaluate/choices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/evaluate/scripted_decoder.h"

namespace troupe::evaluate {
namespace {

std::vector<Labelled> Examples() {
  std::vector<Labelled> examples;
  for (const char* label : {"red", "green", "blue", "black", "white"}) {
    for (int i = 0; i < 3; ++i) examples.push_back({std::string("text ") + label, label});
  }
  return examples;
}

std::shared_ptr<const text::Tokenizer> Words() {
  const Value vocab = {{"x", 0},    {"text", 1},  {"=>", 2},    {"red", 3}, {"green", 4},
                       {"blue", 5}, {"black", 6}, {"white", 7}, {"grey", 8}};
  const Value json = {{"version", "1.0"},
                      {"model", {{"type", "WordLevel"}, {"vocab", vocab}, {"unk_token", "x"}}},
                      {"pre_tokenizer", {{"type", "WhitespaceSplit"}}}};
  auto tokenizer = text::Tokenizer::FromJson(json.dump());
  EXPECT_TRUE(tokenizer) << ToString(tokenizer.error());
  return *tokenizer;
}

TEST(Choices, QuestionsHaveTheRightLabelAmongOthersAndASolvedExampleOfEach) {
  const auto questions = MakeQuestions(Examples(), 40, 3, 5);
  ASSERT_TRUE(questions);
  ASSERT_EQ(questions->size(), 40u);
  std::set<size_t> places;
  for (const Question& question : *questions) {
    EXPECT_EQ(std::set<std::string>(question.choices.begin(), question.choices.end()).size(), 3u);
    EXPECT_TRUE(question.prompt.ends_with("text " + question.choices[question.right] + " =>")) << question.prompt;
    for (const std::string& choice : question.choices) {
      EXPECT_THAT(question.prompt, ::testing::HasSubstr("=> " + choice + "\n"));
    }
    places.insert(question.right);
  }
  EXPECT_EQ(places.size(), 3u);  // not always in the same place
  EXPECT_EQ(MakeQuestions(Examples(), 40, 3, 5)->at(7).prompt, questions->at(7).prompt);
  EXPECT_FALSE(MakeQuestions(Examples(), 1, 6, 5));
}

TEST(Choices, AccuracyIsWhatTheModelGetsRight) {
  const auto tokenizer = Words();
  const auto questions = *MakeQuestions(Examples(), 60, 4, 9);
  // behind "=>" it always finds one label likeliest
  const auto likes = [](int32_t liked) {
    return [liked](int32_t, std::span<float> row) { row[static_cast<size_t>(liked)] = 5; };
  };
  size_t red = 0, shown = 0;
  for (const Question& question : questions) {
    const bool has_red = std::count(question.choices.begin(), question.choices.end(), "red") > 0;
    shown += has_red;
    // without "red" all choices are alike, so the first is taken
    red += has_red ? question.choices[question.right] == "red" : question.right == 0;
  }
  ASSERT_GT(shown, 0u);
  ScriptedDecoder model(9, likes(3));
  const auto accuracy = Accuracy(model, *tokenizer, questions);
  ASSERT_TRUE(accuracy);
  EXPECT_DOUBLE_EQ(*accuracy, static_cast<double>(red) / 60);
}

// A model that repeats the token before "=>" knows the answer: texts end with it.
TEST(Choices, ALabelOfSeveralTokensCountsAllOfThem) {
  const auto tokenizer = Words();
  const Question question{"text =>", {"red green", "red blue", "red black"}, 1};
  const auto script = [](int32_t token, std::span<float> row) {
    row[3] = 1;
    if (token == 3) row[5] = 9;  // behind "red" comes "blue"
  };
  ScriptedDecoder model(9, script);
  EXPECT_EQ(*Accuracy(model, *tokenizer, {question}), 1);
  EXPECT_EQ(*LongestQuestion({question}, *tokenizer), 4);
}

}  // namespace
}  // namespace troupe::evaluate
