#include "agents/tools/writer_recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"

namespace troupe::tools {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class WriterRecipeTest : public testing::Test {
 protected:
  Result<WriterRecipe> Read(const std::string& spec) const {
    WriteAll(File(), "apiVersion: troupe.dev/v1\nkind: DistillRecipe\nmetadata: {name: desk}\nspec:\n" + spec);
    return ReadWriterRecipe(File());
  }
  std::string Refused(const std::string& spec) const {
    const auto recipe = Read(spec);
    return recipe ? "read" : recipe.error().message;
  }
  std::filesystem::path File() const { return folder_.path / "recipe.yaml"; }

  TempFolder folder_;
};

TEST_F(WriterRecipeTest, SaysWhatIsTrainedOnWhatAndHow) {
  const auto recipe = Read(
      "  task: generate\n  teacher: smollm2.gguf\n  student: {layers: [0, 15, 29]}\n"
      "  data: {train: [a.jsonl, b.jsonl], heldOut: c.jsonl, examples: d.jsonl, answers: e.jsonl, maxTokens: 48, "
      "stop: [\"\\n\"]}\n"
      "  loss: {divergence: jsd, beta: 0.1, scores: 0.8, temperature: 2, top: 32, onPolicy: 0.5, ownTemperature: 0.7}\n"
      "  training: {epochs: 2, rate: 5e-4, precision: bf16, checkpointActivations: true}\n");
  ASSERT_TRUE(recipe) << ToString(recipe.error());
  EXPECT_EQ(TaskOf(File()), "generate");
  EXPECT_EQ(recipe->teacher, folder_.path / "smollm2.gguf");
  EXPECT_THAT(recipe->layers, ElementsAre(0, 15, 29));
  EXPECT_EQ(recipe->train.size(), 2u);
  EXPECT_EQ(recipe->held_out, folder_.path / "c.jsonl");
  EXPECT_EQ(recipe->examples, folder_.path / "d.jsonl");
  EXPECT_EQ(recipe->answers, folder_.path / "e.jsonl");
  EXPECT_EQ(recipe->max_tokens, 48);
  EXPECT_THAT(recipe->stop, ElementsAre("\n"));
  EXPECT_EQ(recipe->divergence, TeacherLoss::kJensenShannon);
  EXPECT_EQ(recipe->beta, 0.1);
  EXPECT_EQ(recipe->scores, 0.8);
  EXPECT_EQ(recipe->temperature, 2);
  EXPECT_EQ(recipe->top, 32);
  EXPECT_EQ(recipe->on_policy, 0.5);
  EXPECT_EQ(recipe->own_temperature, 0.7);
  EXPECT_EQ(recipe->training.epochs, 2);
  EXPECT_TRUE(recipe->training.bfloat16);
  EXPECT_EQ(recipe->training.activations(), train::Activations::kRecomputed);
}

TEST_F(WriterRecipeTest, FineTuningNeedsAModelAndPrompts) {
  const auto recipe = Read("  task: generate\n  model: m\n  data: {train: a.jsonl}\n");
  ASSERT_TRUE(recipe) << ToString(recipe.error());
  EXPECT_EQ(recipe->divergence, TeacherLoss::kNone);
  EXPECT_EQ(recipe->training.batch, 16);
  EXPECT_EQ(recipe->training.activations(), train::Activations::kKept);
}

TEST_F(WriterRecipeTest, WhatDoesNotFitTogetherIsToldWithItsPlace) {
  const std::string distil = "  teacher: t\n  student: {layers: 10}\n  data: {train: a.jsonl}\n";
  EXPECT_THAT(Refused("  model: m\n  teacher: t\n  data: {train: a.jsonl}\n"), HasSubstr("either a 'model'"));
  EXPECT_THAT(Refused("  teacher: t\n  data: {train: a.jsonl}\n"), HasSubstr("student: {layers: 10}"));
  EXPECT_THAT(Refused("  teacher: t\n  student: {layers: 3, model: s}\n  data: {train: a.jsonl}\n"),
              HasSubstr("either 'layers' of the teacher, or a 'model'"));
  EXPECT_THAT(Refused("  model: m\n  data: {train: a.jsonl, answers: b.jsonl}\n"),
              HasSubstr("recipe.yaml:6:35: error: this is for a teacher"));
  EXPECT_THAT(Refused(distil + "  loss: {onPolicy: 1}\n"), HasSubstr("unless the teacher judges it"));
  EXPECT_THAT(Refused(distil + "  loss: {top: 8}\n"), HasSubstr("'top' changes nothing without a 'divergence'"));
  EXPECT_THAT(Refused(distil + "  loss: {divergence: forward, beta: 0.5}\n"),
              HasSubstr("'beta' changes nothing without divergence: jsd"));
  EXPECT_THAT(Refused(distil + "  loss: {divergence: backward}\n"), HasSubstr("forward, reverse"));
  EXPECT_THAT(Refused("  teacher: t\n  student: {layers: [1], pick: leastMissed}\n  data: {train: a.jsonl}\n"),
              HasSubstr("say how many in 'layers'"));
  EXPECT_THAT(Refused(distil + "  adapter: {rank: 4}\n"), HasSubstr("an adapter belongs to a model that is there"));
  EXPECT_THAT(Refused(distil + "  training: {dropout: 0.1}\n"), HasSubstr("'dropout' in 'training'"));
}

TEST_F(WriterRecipeTest, ARecipeWithoutATaskIsAClassifiers) {
  Read("  model: m\n  data: {train: a.csv}\n").has_value();
  EXPECT_EQ(TaskOf(File()), "classify");
  EXPECT_EQ(TaskOf(folder_.path / "none.yaml"), "classify");
}

}  // namespace
}  // namespace troupe::tools
