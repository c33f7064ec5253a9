#include "runtime/engine/constraint.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "tests/unit/engine/fixture.h"

namespace troupe::engine {
namespace {

TEST(ConstraintTest, OnlyAllowedTokensAreSaidAndItEndsWhenFinished) {
  const auto engine = TinyEngine();
  for (const float temperature : {0.0f, 1.5f}) {
    Request request = MakeRequest("hello", 100);
    request.sampling.temperature = temperature;
    request.constraint = std::make_unique<OnlyThese>(std::set<TokenId>{'x', 'y'}, 7);
    const Answer answer = Ask(*engine, std::move(request));
    ASSERT_TRUE(answer.done);
    EXPECT_EQ(answer.done->reason, FinishReason::kConstraint);
    EXPECT_EQ(answer.text.size(), 7u);
    EXPECT_EQ(answer.text.find_first_not_of("xy"), std::string::npos) << answer.text;
  }
}

TEST(ConstraintTest, ForcedTokensAreTakenWithoutAskingTheModel) {
  const auto engine = TinyEngine();
  Request request = MakeRequest("hello", 100);
  request.constraint = std::make_unique<OnlyThese>(std::set<TokenId>{'x', 'y'}, 6, std::vector<TokenId>{'1', '3', '5'});
  const Answer answer = Ask(*engine, std::move(request));
  EXPECT_EQ(answer.text.substr(1, 3), "135");
  EXPECT_EQ(answer.text.size(), 6u);
}

TEST(ConstraintTest, AMaskThatAllowsNothingFailsTheRequest) {
  const auto engine = TinyEngine();
  Request request = MakeRequest("hello", 100);
  request.constraint = std::make_unique<OnlyThese>(std::set<TokenId>{}, 5);
  const Answer answer = Ask(*engine, std::move(request));
  ASSERT_TRUE(answer.error);
  EXPECT_EQ(answer.error->code, Code::kInternal);
}

// Says which threads it was asked on.
class Noting final : public Constraint {
 public:
  using Threads = std::set<std::thread::id>;
  Noting(Threads& masks, Threads& accepts) : masks_(masks), accepts_(accepts) {}

  Result<std::span<const uint32_t>> AllowedMask() override {
    masks_.insert(std::this_thread::get_id());
    return inner_.AllowedMask();
  }
  Status Accept(TokenId id) override {
    accepts_.insert(std::this_thread::get_id());
    return inner_.Accept(id);
  }
  bool IsComplete() override { return inner_.IsComplete(); }
  bool IsFinished() override { return inner_.IsFinished(); }

 private:
  Threads& masks_;
  Threads& accepts_;
  OnlyThese inner_{{'x', 'y'}, 20};
};

TEST(ConstraintTest, MasksAreComputedBesideTheModel) {
  Noting::Threads masks, accepts;
  const auto engine = TinyEngine({.speculation = Speculation::kOff});
  Request request = MakeRequest("hello", 100);
  request.constraint = std::make_unique<Noting>(masks, accepts);
  EXPECT_EQ(Ask(*engine, std::move(request)).text.size(), 20u);
  EXPECT_EQ(accepts.size(), 1u);
  EXPECT_EQ(masks.size(), 1u);
  EXPECT_NE(masks, accepts);
}

// A random model can say nothing but what the grammar of the schema allows.
TEST(ConstraintTest, AGrammarOverTheEnginesVocabularyGivesItsJson) {
  const auto engine = TinyEngine();
  const auto env = engine->grammar_env();
  ASSERT_TRUE(env) << ToString(env.error());
  const auto grammar = text::Grammar::FromChoices(std::vector<std::string>{"yes, hello", "no, 12 more"}, *env);
  ASSERT_TRUE(grammar) << ToString(grammar.error());
  for (uint64_t seed = 0; seed < 4; ++seed) {
    auto matcher = (*grammar)->NewMatcher();
    ASSERT_TRUE(matcher);
    Request request = MakeRequest("hello", 100);
    request.sampling.temperature = 2;
    request.sampling.seed = seed;
    request.constraint = MakeConstraint(std::move(*matcher));
    const Answer answer = Ask(*engine, std::move(request));
    ASSERT_TRUE(answer.done) << ToString(*answer.error);
    EXPECT_TRUE(answer.text == "yes, hello" || answer.text == "no, 12 more") << answer.text;
  }
}

}  // namespace
}  // namespace troupe::engine
