#include "agents/tools/synthesise_recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"

namespace troupe::tools {
namespace {

using testing::HasSubstr;

class SynthesiseRecipeTest : public testing::Test {
 protected:
  Result<SynthesiseRecipe> Read(const std::string& spec) const {
    WriteAll(folder_.path / "recipe.yaml",
             "apiVersion: troupe.dev/v1\nkind: SynthesiseRecipe\nmetadata: {name: bank}\nspec:\n" + spec);
    return ReadSynthesiseRecipe(folder_.path / "recipe.yaml");
  }
  // What is said of a spec that has all it needs, and more.
  std::string Refused(const std::string& more) const {
    const auto recipe = Read("  teacher: t.gguf\n  embedder: e\n  examples: a.csv\n" + more);
    return recipe ? "read" : recipe.error().message;
  }

  TempFolder folder_;
};

TEST_F(SynthesiseRecipeTest, TeacherEmbedderAndExamplesAreEnough) {
  const auto recipe = Read("  teacher: t.gguf\n  embedder: e\n  examples: a.csv\n");
  ASSERT_TRUE(recipe) << ToString(recipe.error());
  EXPECT_EQ(recipe->name, "bank");
  EXPECT_EQ(recipe->teacher, folder_.path / "t.gguf");
  EXPECT_EQ(recipe->embedder, folder_.path / "e");
  EXPECT_THAT(recipe->examples, testing::ElementsAre(folder_.path / "a.csv"));
  EXPECT_TRUE(recipe->skills.empty());
}

TEST_F(SynthesiseRecipeTest, SaysWhatIsWrittenHowAndWhatIsDropped) {
  const auto recipe = Read(
      "  teacher: t.gguf\n  embedder: e\n  examples: [a.csv, b.jsonl]\n"
      "  skills:\n    - {label: lost, description: a lost card}\n    - {label: late}\n"
      "  perSkill: 7\n  tries: 3\n"
      "  asking: {heading: Letters, shown: 2, minChars: 5, maxChars: 50}\n"
      "  sampling: {temperature: 1.2, topP: 0.9, maxTokens: 24}\n"
      "  filters: {confidence: 0.2, duplicate: 0.9, voters: 5}\n"
      "  share: 0.8\n  seed: 9\n  threads: 2\n");
  ASSERT_TRUE(recipe) << ToString(recipe.error());
  ASSERT_EQ(recipe->skills.size(), 2u);
  EXPECT_EQ(recipe->skills[0].skill.label, "lost");
  EXPECT_EQ(recipe->skills[0].skill.description, "a lost card");
  EXPECT_THAT(recipe->skills[1].place, HasSubstr("recipe.yaml:10:7"));
  EXPECT_EQ(recipe->per_skill, 7);
  EXPECT_EQ(recipe->tries, 3);
  EXPECT_EQ(recipe->heading, "Letters");
  EXPECT_EQ(recipe->shown, 2);
  EXPECT_EQ(recipe->min_chars, 5);
  EXPECT_EQ(recipe->max_chars, 50);
  EXPECT_EQ(recipe->temperature, 1.2);
  EXPECT_EQ(recipe->top_p, 0.9);
  EXPECT_EQ(recipe->max_tokens, 24);
  EXPECT_EQ(recipe->confidence, 0.2);
  EXPECT_EQ(recipe->duplicate, 0.9);
  EXPECT_EQ(recipe->voters, 5);
  EXPECT_EQ(recipe->share, 0.8);
  EXPECT_EQ(recipe->seed, 9u);
  EXPECT_EQ(recipe->threads, 2);
}

TEST_F(SynthesiseRecipeTest, MistakesAreToldAllAtOnceWithTheirPlaces) {
  const auto empty = Read("  perskill: 3\n");
  ASSERT_FALSE(empty);
  for (const char* said : {"no 'teacher'", "no 'embedder'", "no 'examples'", "did you mean 'perSkill'?"}) {
    EXPECT_THAT(empty.error().message, HasSubstr(said));
  }
  const std::string several =
      Refused("  sampling: {temperature: 0, topp: 0.9}\n  filters: {confidence: 2}\n  share: 1\n");
  EXPECT_THAT(several, HasSubstr("recipe.yaml:8:27: error: 'temperature' must be a number from 0.05"));
  EXPECT_THAT(several, HasSubstr("'topp' in 'sampling'; did you mean 'topP'?"));
  EXPECT_THAT(several, HasSubstr("recipe.yaml:9:25: error: 'confidence' must be"));
  EXPECT_THAT(several, HasSubstr("recipe.yaml:10:10: error: 'share' must be"));
  EXPECT_THAT(Refused("  asking: {minChars: 60, maxChars: 50}\n"), HasSubstr("at least 60 characters"));
  EXPECT_THAT(Refused("  skills: lost\n"), HasSubstr("recipe.yaml:8:11: error: 'skills' must be a list"));
  EXPECT_THAT(Refused("  skills: []\n"), HasSubstr("'skills' must be a list"));
  EXPECT_THAT(Refused("  skills: [{description: a lost card}]\n"), HasSubstr("no 'label'"));
  EXPECT_THAT(Refused("  skills: [{label: a}, {label: a}]\n"), HasSubstr("'a' is there twice"));
}

}  // namespace
}  // namespace troupe::tools
