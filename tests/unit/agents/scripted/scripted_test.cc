#include "agents/scripted/scripted.h"

#include <gtest/gtest.h>

#include "agents/scripted/script.h"
#include "tests/unit/agents/fake_step.h"

namespace troupe::scripted {
namespace {
using host::FakeStep;

std::unique_ptr<host::Kind> MakeScripted(Value config) {
  host::Spec spec;
  spec.agent = "test";
  spec.kind = "scripted";
  spec.config = std::move(config);
  auto made = Make(spec);
  EXPECT_TRUE(made) << ToString(made.error());
  return std::move(*made);
}

std::shared_ptr<FakeStep> Play(host::Kind& kind, Value input, std::string committed = "", int64_t max_tokens = 0) {
  auto step = std::make_shared<FakeStep>(std::move(input), std::move(committed), max_tokens);
  kind.Work(step);
  return step;
}

TEST(ScriptedTest, EchoAnswersWithoutAThread) {
  // given
  auto kind = MakeScripted({{"echo", true}});
  // when
  auto step = Play(*kind, {{"text", "hello"}});
  // then
  EXPECT_EQ(step->Wait()->at("text"), "hello");
}

TEST(ScriptedTest, TheFirstRuleThatMatchesSpeaks) {
  // given: as YAML, the way a graph names a file
  auto kind = MakeScripted({{"script", R"(
rules:
  - {when: {contains: refund}, say: We refund you.}
  - {when: {regex: "order [0-9]+"}, output: {order: 7, ok: true, none: null, name: "7"}}
else: {say: Hm.}
)"}});
  // when, then
  EXPECT_EQ(Play(*kind, {{"text", "a refund for order 7"}})->Wait()->at("text"), "We refund you.");
  EXPECT_EQ(*Play(*kind, {{"text", "order 7"}})->Wait(),
            Value({{"order", 7}, {"ok", true}, {"none", nullptr}, {"name", "7"}}));
  EXPECT_EQ(Play(*kind, {{"text", "order x"}})->Wait()->at("text"), "Hm.");
}

TEST(ScriptedTest, FailsAsOftenAsToldThenSucceeds) {
  // given
  auto kind =
      MakeScripted({{"script",
                     {{"rules",
                       {{{"fail", {{"code", "UNAVAILABLE"}, {"message", "busy"}, {"times", 2}, {"retryAfterMs", 9}}},
                         {"say", "at last"}}}}}}});
  // when, then
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Play(*kind, "x")->Wait().error(), (Error{Code::kUnavailable, "busy", 9}));
  }
  EXPECT_EQ(Play(*kind, "x")->Wait()->at("text"), "at last");
}

TEST(ScriptedTest, StreamsInPiecesThatAreTheWholeText) {
  // given
  auto kind = MakeScripted({{"script", {{"else", {{"say", "größer wäre schöner"}, {"stream", {{"pieces", 7}}}}}}}});
  // when
  auto step = Play(*kind, "x");
  // then
  EXPECT_EQ(step->Wait()->at("text"), "größer wäre schöner");
  EXPECT_EQ(step->text(), "größer wäre schöner");
  EXPECT_EQ(step->deltas(), 7);
  EXPECT_EQ(step->usage().generated_tokens, 3);
}

TEST(ScriptedTest, GoesOnAfterCommittedText) {
  // given
  auto kind = MakeScripted({{"script", {{"else", {{"say", "one two three"}, {"stream", {{"pieces", 3}}}}}}}});
  // when
  auto step = Play(*kind, "x", "one ");
  // then
  EXPECT_EQ(step->Wait()->at("text"), "one two three");
  EXPECT_EQ(step->text(), "two three");
}

TEST(ScriptedTest, SaysNoMoreWordsThanItMay) {
  // given
  auto kind = MakeScripted({{"script", {{"else", {{"say", "one two three four"}}}}}});
  // when
  auto step = Play(*kind, "x", "", 2);
  // then
  EXPECT_EQ(step->Wait()->at("text"), "one two");
  EXPECT_EQ(step->usage().generated_tokens, 2);
}

TEST(ScriptedTest, AsksAPeerAndSaysWhatItHeard) {
  // given
  auto kind = MakeScripted(
      {{"script", {{"else", {{"ask", {{"peer", "expert"}, {"input", 1}}}, {"say", "They say {answer}."}}}}}});
  auto step = std::make_shared<FakeStep>("x");
  step->peers = [](const std::string& peer, const Value& input) -> Result<Value> {
    return Value{{"text", peer + Dump(input)}};
  };
  // when
  kind->Work(step);
  // then
  EXPECT_EQ(step->Wait()->at("text"), "They say expert1.");
}

TEST(ScriptedTest, AsksOneAfterAnotherAndSaysSomethingElseWhereNobodyAnswers) {
  // given
  auto kind =
      MakeScripted({{"script", "else: {ask: [{peer: a, input: 1}, {peer: b, orElse: no idea}], say: '{answer}!'}"}});
  auto step = std::make_shared<FakeStep>("x");
  step->peers = [](const std::string& peer, const Value&) -> Result<Value> {
    if (peer == "b") return Exhausted("enough");
    return Value{{"text", "fine"}};
  };
  // when
  kind->Work(step);
  // then
  EXPECT_EQ(step->Wait()->at("text"), "fine no idea!");
}

TEST(ScriptedTest, CancellingEndsADelay) {
  // given
  auto kind = MakeScripted({{"script", {{"else", {{"say", "late"}, {"delayMs", 3'600'000}}}}}});
  auto step = Play(*kind, "x");
  // when
  step->Cancel();
  // then
  EXPECT_EQ(step->Wait().error().code, Code::kCancelled);
}

TEST(ScriptedTest, StoppingEndsWhatRuns) {
  // given
  auto kind = MakeScripted({{"script", {{"else", {{"say", "late"}, {"delayMs", 3'600'000}}}}}});
  auto step = Play(*kind, "x");
  // when
  kind->Stop();
  // then
  EXPECT_EQ(step->Wait().error().code, Code::kCancelled);
}

TEST(ScriptTest, WrongScriptsAreRefusedNamingTheKey) {
  for (const auto& [script, key] :
       {std::pair{"{rules: 3}", "script.rules"}, std::pair{"{rules: [{sya: hello}]}", "script.rules[0]"},
        std::pair{"{rules: [{when: {regex: '('}}]}", "script.rules[0].when.regex"},
        std::pair{"{else: {fail: {code: OOPS}}}", "script.else.fail.code"},
        std::pair{"{else: {delayMs: -1}}", "script.else.delayMs"},
        std::pair{"{else: {ask: {}}}", "script.else.ask.peer"}, std::pair{"a: [", "script"}}) {
    // when
    auto parsed = ParseScript(script);
    // then
    ASSERT_FALSE(parsed) << script;
    EXPECT_EQ(parsed.error().code, Code::kInvalidArgument);
    EXPECT_EQ(parsed.error().message.rfind(key, 0), 0u) << parsed.error().message;
  }
}
}  // namespace
}  // namespace troupe::scripted
