#include "agents/generate/consult.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "agents/generate/generate.h"
#include "tests/unit/agents/fake_step.h"
#include "tests/unit/agents/tiny_models.h"

namespace troupe::generate {
namespace {

using host::FakeStep;
using ::testing::HasSubstr;

const char kPrompt[] = "where is order 4711";

// A model of random weights is as sure as it happens to be: askBelow 1 makes it always ask, 0 never.
class ConsultTest : public host::TinyModelTest {
 protected:
  std::unique_ptr<host::Kind> Open(Value config) {
    config["maxTokens"] = 40;
    auto made = Make(MakeSpec("generate", Llama(), std::move(config)));
    EXPECT_TRUE(made) << ToString(made.error());
    return made ? std::move(*made) : nullptr;
  }
  std::string Refusal(Value config) {
    auto made = Make(MakeSpec("generate", Llama(), std::move(config)));
    EXPECT_FALSE(made);
    return made ? "" : made.error().message;
  }
  // Plays a step whose peer says `answer`; what the peer was given goes to questions_.
  std::shared_ptr<FakeStep> Play(host::Kind& kind, Result<Value> answer, std::string committed = "") {
    auto step = std::make_shared<FakeStep>(Value{{"prompt", kPrompt}}, std::move(committed));
    step->peers = [this, answer, raw = step.get()](const std::string& peer, const Value& input) {
      questions_.push_back({peer, input});
      if (cancel_when_asked_) raw->Cancel();
      return answer;
    };
    kind.Work(step);
    (void)step->Wait();
    return step;
  }
  std::string PlainText() {
    auto kind = Open(Value::object());
    return Play(*kind, Value())->Wait()->at("text");
  }

  std::vector<std::pair<std::string, Value>> questions_;
  bool cancel_when_asked_ = false;
};

TEST_F(ConsultTest, OneThatIsSureAsksNobody) {
  // given
  auto kind = Open({{"askPeer", "expert"}, {"askBelow", 0}, {"askAfter", 8}});
  // when
  auto step = Play(*kind, Value{{"text", "in Leeds"}});
  // then
  EXPECT_TRUE(questions_.empty());
  EXPECT_EQ(step->Wait()->at("asked"), false);
  EXPECT_EQ(step->Wait()->at("text"), PlainText());
  EXPECT_EQ(step->text(), PlainText());
}

TEST_F(ConsultTest, AStepMayForbidIt) {
  // given
  auto kind = Open({{"askPeer", "expert"}, {"askBelow", 1}, {"askAfter", 8}});
  auto step = std::make_shared<FakeStep>(Value{{"prompt", kPrompt}, {"mayAsk", false}});
  // when
  kind->Work(step);
  // then: FakeStep has no peers to ask
  ASSERT_TRUE(step->Wait());
  EXPECT_EQ(step->Wait()->at("asked"), false);
  EXPECT_EQ(step->Wait()->at("heard"), nullptr);
  EXPECT_EQ(step->Wait()->at("text"), PlainText());
}

TEST_F(ConsultTest, OneThatIsUnsureWritesFromThePeersAnswer) {
  // given
  auto kind = Open({{"askPeer", "expert"}, {"askBelow", 1}, {"askAfter", 8}, {"askAgain", "{{ answer.text }}"}});
  // when
  auto step = Play(*kind, Value{{"text", "in Leeds, since Monday"}});
  // then
  ASSERT_EQ(questions_.size(), 1u);
  EXPECT_EQ(questions_[0].first, "expert");
  EXPECT_EQ(questions_[0].second, Value({{"prompt", kPrompt}}));
  EXPECT_EQ(step->Wait()->at("asked"), true);
  EXPECT_EQ(step->Wait()->at("heard"), Value({{"text", "in Leeds, since Monday"}}));
  EXPECT_NE(step->Wait()->at("text"), PlainText());
  EXPECT_EQ(step->text(), step->Wait()->at("text"));
  EXPECT_LE(step->usage().generated_tokens, 40);
}

TEST_F(ConsultTest, GoesOnWithItsDraftWhereNobodyAnswers) {
  // given
  auto kind = Open({{"askPeer", "expert"}, {"askBelow", 1}, {"askAfter", 8}});
  // when
  auto step = Play(*kind, Unavailable("the expert is away"));
  // then
  EXPECT_EQ(questions_.size(), 1u);
  EXPECT_EQ(step->Wait()->at("asked"), false);
  EXPECT_EQ(step->Wait()->at("text"), PlainText());
}

TEST_F(ConsultTest, ItsOwnQuestionFitsTheSchema) {
  // given
  const Value schema = {
      {"type", "object"},
      {"properties",
       {{"about", {{"enum", {"delivery", "payment"}}}}, {"query", {{"type", "string"}, {"x-copy", true}}}}},
      {"required", {"about", "query"}},
      {"additionalProperties", false}};
  // when: the tokens of a question are among those that the step may have
  auto made = Make(MakeSpec("generate", Llama(),
                            {{"askPeer", "librarian"},
                             {"askBelow", 1},
                             {"askAfter", 2},
                             {"askSchema", schema},
                             {"askTokens", 400},
                             {"maxTokens", 450}}));
  ASSERT_TRUE(made);
  auto step = Play(**made, Value{{"text", "in Leeds"}});
  // then
  ASSERT_EQ(questions_.size(), 1u);
  EXPECT_EQ(questions_[0].first, "librarian");
  const Value& question = questions_[0].second;
  EXPECT_TRUE(question.at("about") == "delivery" || question.at("about") == "payment") << question;
  EXPECT_THAT(kPrompt, HasSubstr(question.at("query").get<std::string>()));
  EXPECT_EQ(step->Wait()->at("asked"), true);
}

TEST_F(ConsultTest, AQuestionThatDoesNotComeToAnEndAsksNobody) {
  // given
  const Value schema = {{"type", "object"},
                        {"properties", {{"query", {{"type", "string"}, {"minLength", 20}}}}},
                        {"required", {"query"}}};
  auto kind =
      Open({{"askPeer", "librarian"}, {"askBelow", 1}, {"askAfter", 2}, {"askSchema", schema}, {"askTokens", 3}});
  // when
  auto step = Play(*kind, Value{{"text", "in Leeds"}});
  // then
  EXPECT_TRUE(questions_.empty());
  EXPECT_EQ(step->Wait()->at("asked"), false);
}

TEST_F(ConsultTest, WhatWasShownBeforeStaysTheBeginning) {
  // given: a step that is sent again; its text so far has been seen
  const std::string whole = PlainText();
  ASSERT_GT(whole.size(), 4u);
  for (const double below : {0.0, 1.0}) {
    auto kind = Open({{"askPeer", "expert"}, {"askBelow", below}, {"askAfter", 8}});
    // when
    auto step = Play(*kind, Unavailable("away"), whole.substr(0, 3));
    // then
    EXPECT_EQ(step->Wait()->at("text"), whole.substr(0, 3) + step->text());
  }
}

TEST_F(ConsultTest, CancelledWhileItAsksItIsOver) {
  // given
  auto kind = Open({{"askPeer", "expert"}, {"askBelow", 1}, {"askAfter", 8}});
  cancel_when_asked_ = true;
  // when
  auto step = Play(*kind, Value{{"text", "in Leeds"}});
  // then
  EXPECT_EQ(step->Wait().error().code, Code::kCancelled);
  EXPECT_GT(step->usage().generated_tokens, 0);
}

TEST_F(ConsultTest, WrongQuestionsAreRefusedAtStart) {
  // given
  const Value peer = {{"askPeer", "expert"}};
  const auto with = [&](const Value& more) {
    Value config = peer;
    config.update(more);
    return config;
  };
  // when, then
  const Value text = {{"type", "string"}};
  EXPECT_THAT(Refusal(with({{"askSchema", text}, {"askInput", {{"text", "x"}}}})), HasSubstr("askInput"));
  EXPECT_THAT(Refusal(with({{"askSchema", 3}})), HasSubstr("askSchema: must be a JSON Schema"));
  EXPECT_THAT(Refusal(with({{"askSchema", "{"}})), HasSubstr("askSchema:"));
  EXPECT_THAT(Refusal(with({{"askSchema", {{"type", "string"}, {"pattern", "("}}}})), HasSubstr("askSchema:"));
  EXPECT_THAT(Refusal(with({{"askPrompt", "{{ nobody }}"}})), HasSubstr("askPrompt"));
}

}  // namespace
}  // namespace troupe::generate
