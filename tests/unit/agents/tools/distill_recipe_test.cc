#include "agents/tools/distill_recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"

namespace troupe::tools {
namespace {

using testing::HasSubstr;

class DistillRecipeTest : public testing::Test {
 protected:
  Result<DistillRecipe> Read(const std::string& spec) const {
    WriteAll(folder_.path / "recipe.yaml",
             "apiVersion: troupe.dev/v1\nkind: DistillRecipe\nmetadata: {name: bank}\nspec:\n" + spec);
    return ReadDistillRecipe(folder_.path / "recipe.yaml");
  }
  std::string Refused(const std::string& spec) const {
    const auto recipe = Read(spec);
    return recipe ? "read" : recipe.error().message;
  }

  TempFolder folder_;
};

TEST_F(DistillRecipeTest, FineTuningNeedsAModelAndTexts) {
  const auto recipe = Read("  model: minilm\n  data: {train: texts.csv}\n");
  ASSERT_TRUE(recipe) << ToString(recipe.error());
  EXPECT_EQ(recipe->name, "bank");
  EXPECT_EQ(recipe->model, folder_.path / "minilm");
  EXPECT_THAT(recipe->train, testing::ElementsAre(folder_.path / "texts.csv"));
  EXPECT_EQ(recipe->held_out_share, 0.05);
}

TEST_F(DistillRecipeTest, DistillationSaysTeacherStudentAndLoss) {
  const auto recipe = Read(
      "  task: classify\n  teacher: /models/teacher\n  student: {layers: [1, 4], feedForward: 512}\n"
      "  data: {train: [a.csv, b.jsonl], unlabelled: c.txt, heldOut: held.csv}\n"
      "  loss: {scores: 0.5, temperature: 4, states: 0}\n"
      "  training: {epochs: 3, batch: 16, accumulate: 2, rate: 5e-4, seed: 9, precision: bf16, threads: 2}\n");
  ASSERT_TRUE(recipe) << ToString(recipe.error());
  EXPECT_EQ(recipe->teacher, "/models/teacher");
  EXPECT_THAT(recipe->layers, testing::ElementsAre(1, 4));
  EXPECT_EQ(recipe->ffn, 512);
  EXPECT_EQ(recipe->train.size(), 2u);
  EXPECT_EQ(recipe->held_out, folder_.path / "held.csv");
  EXPECT_EQ(recipe->temperature, 4);
  EXPECT_EQ(recipe->training.seed, 9u);
  EXPECT_TRUE(recipe->training.bfloat16);
  EXPECT_EQ(Read("  teacher: t\n  student: {layers: 2}\n  data: {train: a.csv}\n")->layer_count, 2);
}

TEST_F(DistillRecipeTest, MistakesAreToldAllAtOnceWithTheirPlaces) {
  const std::string refused =
      Refused("  model: m\n  data: {train: a.csv, unlabeled: b.txt}\n  training: {epoch: 3, rate: 7}\n");
  EXPECT_THAT(refused, HasSubstr("recipe.yaml:6:"));
  EXPECT_THAT(refused, HasSubstr("'unlabeled' in 'data'; did you mean 'unlabelled'?"));
  EXPECT_THAT(refused, HasSubstr("'epoch' in 'training'; did you mean 'epochs'?"));
  EXPECT_THAT(refused, HasSubstr("'rate' must be a number from"));
  EXPECT_THAT(Refused("  data: {train: a.csv}\n"), HasSubstr("either a 'model'"));
  EXPECT_THAT(Refused("  model: m\n  teacher: t\n  data: {train: a.csv}\n"), HasSubstr("either a 'model'"));
  EXPECT_THAT(Refused("  teacher: t\n  data: {train: a.csv}\n"), HasSubstr("student: {layers: 2}"));
  EXPECT_THAT(Refused("  model: m\n  student: {layers: 2}\n  data: {train: a.csv}\n"), HasSubstr("needs a 'teacher'"));
  EXPECT_THAT(Refused("  teacher: t\n  student: {layers: 2, model: s}\n  data: {train: a.csv}\n"),
              HasSubstr("either 'layers'"));
  EXPECT_THAT(Refused("  model: m\n  data: {train: a.csv, unlabelled: b.txt}\n"), HasSubstr("teach nothing"));
  EXPECT_THAT(Refused("  teacher: t\n  student: {layers: [1, -2]}\n  data: {train: a.csv}\n"),
              HasSubstr("recipe.yaml:6:25: error: a layer is a whole number from 0"));
  EXPECT_THAT(Refused("  model: m\n"), HasSubstr("no 'data'"));
}

TEST_F(DistillRecipeTest, OtherTasksAreRefusedInWords) {
  const auto refused = Read("  task: generate\n  model: m\n  data: {train: a.csv}\n");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUnimplemented);
  EXPECT_THAT(refused.error().message, HasSubstr("recipe.yaml:5:9: the task \"generate\" is not trained here"));
}

}  // namespace
}  // namespace troupe::tools
