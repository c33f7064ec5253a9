#include "agents/embed/embed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/agents/fake_step.h"
#include "tests/unit/agents/tiny_models.h"

namespace troupe::embed {
namespace {

using host::FakeStep;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class EmbedTest : public host::TinyModelTest {
 protected:
  std::unique_ptr<host::Kind> Open(Value config = Value::object()) {
    auto made = Make(MakeSpec("embed", Bert(), std::move(config)));
    EXPECT_TRUE(made) << ToString(made.error());
    return made ? std::move(*made) : nullptr;
  }
  static std::shared_ptr<FakeStep> Play(host::Kind& kind, const std::vector<std::string>& texts) {
    auto step = std::make_shared<FakeStep>(Value{{"texts", texts}});
    kind.Work(step);
    return step;
  }
  static std::vector<float> Vector(const Result<Value>& output, size_t i) {
    EXPECT_TRUE(output) << ToString(output.error());
    return output ? output->at("vectors").at(i).get<std::vector<float>>() : std::vector<float>(16);
  }
  static void ExpectNear(const std::vector<float>& a, const std::vector<float>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-5) << "at " << i;
  }
};

TEST_F(EmbedTest, WrongConfigurationIsRefused) {
  // given
  const Error no_model = Make(MakeSpec("embed", "", Value::object())).error();
  const auto not_a_reader = Make(MakeSpec("embed", Llama(), Value::object()));
  host::Spec other = MakeSpec("embed", Bert(), Value::object());
  other.model_sha256 = std::string(64, 'a');
  // when
  const Error digest = Make(other).error();
  // then
  EXPECT_EQ(no_model.code, Code::kFailedPrecondition);
  EXPECT_THAT(no_model.message, HasSubstr("agent \"tiny\" of kind embed needs a model"));
  EXPECT_FALSE(not_a_reader);
  EXPECT_EQ(digest.code, Code::kFailedPrecondition);
  EXPECT_THAT(digest.message, HasSubstr(std::string(64, 'a')));
}

TEST_F(EmbedTest, VectorsHaveLengthOneAndTheModelsWidth) {
  // given
  auto kind = Open();
  // when
  auto step = Play(*kind, {"abc", "a longer text of more words", ""});
  // then
  const auto output = step->Wait();
  ASSERT_TRUE(output) << ToString(output.error());
  EXPECT_EQ(output->at("dimensions"), 16);
  ASSERT_EQ(output->at("vectors").size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    float length = 0;
    for (const float x : Vector(output, i)) length += x * x;
    EXPECT_NEAR(length, 1, 1e-4);
  }
  EXPECT_GT(step->usage().prompt_tokens, 6);
  EXPECT_EQ(step->deltas(), 0);
}

TEST_F(EmbedTest, ABatchGivesWhatEachTextGivesAlone) {
  // given
  auto kind = Open();
  const std::vector<std::string> texts = {"abc", "the same words in another order", "", "abc", "w", "hello abc"};
  // when: together, and many steps at once
  const auto together = Play(*kind, texts)->Wait();
  std::vector<std::shared_ptr<FakeStep>> alone;
  for (const auto& text : texts) alone.push_back(Play(*kind, {text}));
  // then
  for (size_t i = 0; i < texts.size(); ++i) {
    SCOPED_TRACE(texts[i]);
    ExpectNear(Vector(together, i), Vector(alone[i]->Wait(), 0));
  }
  ExpectNear(Vector(together, 0), Vector(together, 3));
}

TEST_F(EmbedTest, NoTextsGiveNoVectors) {
  // given
  auto kind = Open();
  // when
  const auto output = Play(*kind, {})->Wait();
  // then
  ASSERT_TRUE(output) << ToString(output.error());
  EXPECT_EQ(output->at("vectors"), Value::array());
  EXPECT_EQ(output->at("dimensions"), 16);
}

TEST_F(EmbedTest, WrongTextsFailNamingTheField) {
  // given
  auto kind = Open({{"maxTexts", 2}});
  // when
  const auto too_many = Play(*kind, {"a", "b", "c"})->Wait();
  const auto broken = Play(*kind, {"a", "\xFF"})->Wait();
  // then
  ASSERT_FALSE(too_many);
  EXPECT_EQ(too_many.error().code, Code::kInvalidArgument);
  EXPECT_THAT(too_many.error().message, StartsWith("input.texts: "));
  EXPECT_THAT(too_many.error().message, HasSubstr("maxTexts"));
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, Code::kInvalidArgument);
  EXPECT_THAT(broken.error().message, HasSubstr("text 1"));
}

TEST_F(EmbedTest, AsManyTextsAsConfiguredFit) {
  // given: more than an embedder queues by default
  auto kind = Open({{"maxTexts", 5000}});
  // when
  const auto output = Play(*kind, std::vector<std::string>(5000, "a"))->Wait();
  // then
  ASSERT_TRUE(output) << ToString(output.error());
  EXPECT_EQ(output->at("vectors").size(), 5000u);
}

TEST_F(EmbedTest, OneCancelledInTheQueueNeverRuns) {
  // given: the model's thread is held at the end of the first
  auto kind = Open();
  host::Gate gate;
  auto first = std::make_shared<FakeStep>(Value{{"texts", {"first"}}});
  first->on_end = [&] { gate.Pass(); };
  kind->Work(first);
  auto second = Play(*kind, {"second"});
  // when
  second->Cancel();
  gate.Open();
  // then
  EXPECT_TRUE(first->Wait());
  EXPECT_EQ(second->Wait().error().code, Code::kCancelled);
  EXPECT_TRUE(Play(*kind, {"third"})->Wait());
}

TEST_F(EmbedTest, AStoppedKindRefuses) {
  // given
  auto kind = Open();
  // when
  kind->Stop();
  // then
  EXPECT_EQ(Play(*kind, {"late"})->Wait().error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace troupe::embed
