#include "agents/extract/extract.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/agents/fake_step.h"
#include "tests/unit/agents/tiny_models.h"

namespace troupe::extract {
namespace {

using host::FakeStep;
using ::testing::HasSubstr;

const Value kSchema = {
    {"type", "object"},
    {"properties",
     {{"order", {{"type", {"string", "null"}}, {"x-copy", true}}},
      {"names", {{"type", "array"}, {"maxItems", 3}, {"items", {{"type", "string"}, {"x-copy", true}}}}},
      {"kind", {{"enum", {"return", "question"}}}},
      {"urgent", {{"type", "boolean"}}}}},
    {"required", {"order", "names", "kind", "urgent"}},
    {"additionalProperties", false}};

class ExtractTest : public host::TinyModelTest {
 protected:
  std::unique_ptr<host::Kind> Open(Value config, uint64_t seed = 7, int slots = 0) {
    host::Spec spec = MakeSpec("extract", Llama(seed), std::move(config));
    spec.slots = slots;
    auto made = Make(spec);
    EXPECT_TRUE(made) << ToString(made.error());
    return made ? std::move(*made) : nullptr;
  }
  Error Refusal(Value config) {
    auto made = Make(MakeSpec("extract", Llama(), std::move(config)));
    EXPECT_FALSE(made);
    return made ? Error{} : made.error();
  }
  static std::shared_ptr<FakeStep> Play(host::Kind& kind, const std::string& text, int64_t max_tokens = 0) {
    auto step = std::make_shared<FakeStep>(Value{{"text", text}}, "", max_tokens);
    kind.Work(step);
    return step;
  }
};

TEST_F(ExtractTest, WrongConfigurationIsRefusedNamingAgentAndField) {
  // given, when
  const Error no_object = Refusal({{"schema", 3}});
  const Error broken = Refusal({{"schema", "{"}});
  const Error impossible = Refusal({{"schema", {{"type", "object"}, {"properties", {{"a", {{"type", "moon"}}}}}}}});
  const Error examples = Refusal({{"schema", kSchema}, {"examples", "[{text: a, output: {}}, {text: b}]"}});
  const Error no_model = Make(MakeSpec("extract", "", {{"schema", kSchema}})).error();
  // then
  for (const Error& error : {no_object, broken, impossible, examples, no_model}) {
    EXPECT_THAT(error.message, HasSubstr("agent \"tiny\""));
  }
  EXPECT_THAT(no_object.message, HasSubstr("schema: must be a JSON Schema"));
  EXPECT_THAT(broken.message, HasSubstr("schema: "));
  EXPECT_EQ(impossible.code, Code::kInvalidArgument);
  EXPECT_THAT(examples.message, HasSubstr("examples[1]"));
  EXPECT_EQ(no_model.code, Code::kFailedPrecondition);
}

TEST_F(ExtractTest, EvenARandomModelFillsTheSchemaWithPiecesOfTheText) {
  for (const uint64_t seed : {1u, 2u, 3u}) {
    auto kind = Open({{"schema", kSchema}, {"instructions", "copy"}, {"maxTokens", 400}}, seed);
    for (const std::string text : {"order A-1042, please: Anna and Bob want it back", "hello", "",
                                   "größer \"quoted\" 12\n34 \xF0\x9F\x98\x80 end", "....", "x y z x y z"}) {
      // when
      const auto output = Play(*kind, text)->Wait();
      // then
      ASSERT_TRUE(output) << ToString(output.error()) << ", seed " << seed << ", text " << text;
      EXPECT_EQ(output->size(), 4u);
      const Value& order = output->at("order");
      EXPECT_TRUE(order.is_null() || text.find(order.get<std::string>()) != std::string::npos) << Dump(*output);
      for (const Value& name : output->at("names")) {
        EXPECT_NE(text.find(name.get<std::string>()), std::string::npos) << Dump(*output);
      }
      EXPECT_LE(output->at("names").size(), 3u);
      EXPECT_TRUE(output->at("kind") == "return" || output->at("kind") == "question") << Dump(*output);
      EXPECT_TRUE(output->at("urgent").is_boolean()) << Dump(*output);
    }
  }
}

TEST_F(ExtractTest, TheSameTextGivesTheSameOutputAndNoDeltas) {
  // given
  auto kind = Open({{"schema", kSchema}});
  // when
  auto one = Play(*kind, "order A-1042");
  auto other = Play(*kind, "order A-1042");
  // then: it is one JSON or nothing, so nothing is shown of it before
  EXPECT_EQ(*one->Wait(), *other->Wait());
  EXPECT_EQ(one->deltas(), 0);
  EXPECT_GT(one->usage().generated_tokens, 0);
  EXPECT_GT(one->usage().prompt_tokens, 0);
}

TEST_F(ExtractTest, TooFewTokensForTheJsonAreSaidSo) {
  // given
  auto kind = Open({{"schema", kSchema}, {"maxTokens", 5}});
  auto roomy = Open({{"schema", kSchema}}, 8);
  // when
  const auto by_agent = Play(*kind, "order A-1042")->Wait();
  const auto by_step = Play(*roomy, "order A-1042", 5)->Wait();
  // then
  for (const auto& output : {by_agent, by_step}) {
    ASSERT_FALSE(output);
    EXPECT_EQ(output.error().code, Code::kOutOfRange);
    EXPECT_THAT(output.error().message, HasSubstr("maxTokens"));
  }
}

TEST_F(ExtractTest, ATextThatDoesNotFitTheContextFails) {
  // given
  auto kind = Open({{"schema", kSchema}});
  // when
  const auto output = Play(*kind, std::string(600, 'a'))->Wait();
  // then
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, Code::kOutOfRange);
}

TEST_F(ExtractTest, OneCancelledInTheQueueNeverRunsAndTheSlotIsFree) {
  // given: one slot, whose step is held at its end
  auto kind = Open({{"schema", kSchema}}, 7, /*slots=*/1);
  host::Gate gate;
  auto first = std::make_shared<FakeStep>(Value{{"text", "first"}});
  first->on_end = [&] { gate.Pass(); };
  kind->Work(first);
  auto second = Play(*kind, "second");
  // when
  second->Cancel();
  gate.Open();
  // then
  EXPECT_TRUE(first->Wait());
  EXPECT_EQ(second->Wait().error().code, Code::kCancelled);
  EXPECT_EQ(second->usage().generated_tokens, 0);
  EXPECT_TRUE(Play(*kind, "third")->Wait());
}

TEST_F(ExtractTest, AStoppedKindRefuses) {
  // given
  auto kind = Open({{"schema", kSchema}});
  // when
  kind->Stop();
  // then
  EXPECT_EQ(Play(*kind, "late")->Wait().error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace troupe::extract
