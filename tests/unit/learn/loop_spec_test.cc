#include "router/learn/loop_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::learn {
namespace {

using ::testing::HasSubstr;

std::string Yaml(const std::string& spec) {
  return "apiVersion: troupe.dev/v1\nkind: LearnLoop\nmetadata: {name: bank}\nspec: " + spec + "\n";
}

TEST(LoopSpec, SaysWhatIsLearntAndHowItIsTriedOut) {
  const auto spec = ParseLoopSpec(
      Yaml("{graph: bank, step: handle.route, recipe: learn.yaml, folder: ../students, every: 50, promoteAfter: 90, "
           "canary: {percent: 20, minTasks: 40, margin: 3, unsureMargin: 7, differingMargin: 8, minChecks: 9}}"),
      "loop.yaml", "/work/bank");
  ASSERT_TRUE(spec) << spec.error().message;
  EXPECT_EQ(spec->graph, "bank");
  EXPECT_EQ(spec->step, "handle.route");
  EXPECT_EQ(spec->recipe, "/work/bank/learn.yaml");
  EXPECT_EQ(spec->folder, "/work/students");
  EXPECT_EQ(spec->rule.every, 50);
  EXPECT_EQ(spec->rule.promote_after, 90);
  EXPECT_EQ(spec->rule.min_answers, 40);
  EXPECT_EQ(spec->rule.min_checks, 9);
  EXPECT_EQ(spec->canary, (rollout::CanaryRule{.percent = 20,
                                               .min_tasks = 40,
                                               .margin_percent = 3,
                                               .unsure_margin_percent = 7,
                                               .differing_margin_percent = 8,
                                               .min_checks = 9}));
}

TEST(LoopSpec, EveryMistakeIsToldAtItsPlace) {
  const auto spec =
      ParseLoopSpec(Yaml("{graph: bank, recipe: a, folder: b, evry: 3, every: 0, promoteAfter: 10}"), "loop.yaml", "/");
  ASSERT_FALSE(spec);
  EXPECT_THAT(spec.error().message, HasSubstr("loop.yaml:4:7: error: 'spec' has no 'step'"));
  EXPECT_THAT(spec.error().message, HasSubstr("unknown key 'evry'"));
  EXPECT_THAT(spec.error().message, HasSubstr("'every' must be"));
  EXPECT_THAT(spec.error().message, HasSubstr("before it is judged"));
  EXPECT_THAT(ParseLoopSpec("kind: AgentGraph", "loop.yaml", "/").error().message, HasSubstr("LearnLoop"));
}

}  // namespace
}  // namespace troupe::learn
