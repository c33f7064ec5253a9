#include "agents/tools/learn_recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"

namespace troupe::tools {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class LearnRecipeTest : public testing::Test {
 protected:
  Result<LearnRecipe> Read(const std::string& spec) const {
    WriteAll(folder_.path / "recipe.yaml",
             "apiVersion: troupe.dev/v1\nkind: LearnRecipe\nmetadata: {name: bank}\nspec:\n" + spec);
    return ReadLearnRecipe(folder_.path / "recipe.yaml");
  }
  std::string Refused(const std::string& spec) const {
    const auto recipe = Read(spec);
    return recipe ? "read" : recipe.error().message;
  }

  TempFolder folder_;
};

TEST_F(LearnRecipeTest, AStudentAndItsLessonsAreEnough) {
  const auto recipe = Read("  student: bank-1\n  lessons: pairs.jsonl\n");
  ASSERT_TRUE(recipe) << ToString(recipe.error());
  EXPECT_EQ(recipe->student, folder_.path / "bank-1");
  EXPECT_THAT(recipe->lessons, ElementsAre(folder_.path / "pairs.jsonl"));
  EXPECT_TRUE(recipe->replay.empty());
  EXPECT_EQ(recipe->escalate.accuracy, 0.97);
  EXPECT_FALSE(recipe->escalate.teacher_share);
}

TEST_F(LearnRecipeTest, EverythingElseCanBeSaid) {
  const auto recipe = Read(
      "  student: s\n  lessons: [a.jsonl, b.jsonl]\n  replay: {texts: [c.csv], share: 0.25, heldOut: d.csv}\n"
      "  heldOut: 0.3\n  keep: 0\n  gate: {all: 0.02, skill: 0.2, chance: 0.05, lessons: 0.6}\n"
      "  escalate: {teacherShare: 0.15}\n  training: {epochs: 3, seed: 9, precision: bf16, threads: 2}\n");
  ASSERT_TRUE(recipe) << ToString(recipe.error());
  EXPECT_THAT(recipe->replay, ElementsAre(folder_.path / "c.csv"));
  EXPECT_EQ(recipe->replay_held_out, folder_.path / "d.csv");
  EXPECT_EQ(recipe->replay_share, 0.25);
  EXPECT_EQ(recipe->held_out_share, 0.3);
  EXPECT_EQ(recipe->keep, 0);
  EXPECT_EQ(recipe->gate.all, 0.02);
  EXPECT_EQ(recipe->gate.skill, 0.2);
  EXPECT_EQ(recipe->gate.chance, 0.05);
  EXPECT_EQ(recipe->gate.lessons, 0.6);
  EXPECT_EQ(recipe->escalate.teacher_share, 0.15);
  EXPECT_FALSE(recipe->escalate.accuracy);
  EXPECT_EQ(recipe->training.epochs, 3);
  EXPECT_EQ(recipe->training.seed, 9u);
  EXPECT_TRUE(recipe->training.bfloat16);
}

TEST_F(LearnRecipeTest, MistakesAreToldAllAtOnceWithTheirPlaces) {
  const std::string refused = Refused(
      "  student: s\n  lesson: a.jsonl\n  gate: {al: 1}\n  escalate: {accuracy: 0.9, teacherShare: 0.1}\n"
      "  training: {rate: 7}\n");
  EXPECT_THAT(refused, HasSubstr("'lesson' in 'spec'; did you mean 'lessons'?"));
  EXPECT_THAT(refused, HasSubstr("recipe.yaml:7:"));
  EXPECT_THAT(refused, HasSubstr("'al' in 'gate'; did you mean 'all'?"));
  EXPECT_THAT(refused, HasSubstr("either 'accuracy'"));
  EXPECT_THAT(refused, HasSubstr("'rate' must be a number from"));
  EXPECT_THAT(Refused("  lessons: a.jsonl\n"), HasSubstr("no 'student'"));
  EXPECT_THAT(Refused("  student: s\n"), HasSubstr("no 'lessons'"));
  EXPECT_THAT(Refused("  student: s\n  lessons: a\n  replay: {share: 0.5}\n"), HasSubstr("no 'texts'"));
}

}  // namespace
}  // namespace troupe::tools
