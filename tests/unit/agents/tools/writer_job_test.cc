// What names a run of training, by which it goes on from its checkpoint.
#include "agents/tools/writer_job.h"

#include <gtest/gtest.h>

#include "runtime/base/value.h"
#include "tests/unit/agents/tools/command_test.h"

namespace troupe::tools {
namespace {

class WriterJobTest : public CommandTest {
 protected:
  // The name of the run of a student that learns what its teacher answers to these prompts.
  std::string RunOf(const std::string& letters) {
    std::string lines;
    for (const char letter : letters) lines += Dump({{"prompt", std::string(1, letter)}}) + "\n";
    WriteAll(Path("prompts-" + letters), lines);
    const std::string text =
        "apiVersion: troupe.dev/v1\nkind: DistillRecipe\nmetadata: {name: made-here}\nspec:\n  task: generate\n"
        "  teacher: " +
        Llama().string() + "\n  student: {layers: 1}\n  data: {train: prompts-" + letters +
        // some of so many letters end any answer
        ", answers: answers.jsonl, heldOut: 0.3, maxTokens: 40, temperature: 1, stop: [e, a, o, i, n, r, s, t]}\n";
    WriteAll(Path("recipe-" + letters), text);
    const auto recipe = ReadWriterRecipe(Path("recipe-" + letters));
    EXPECT_TRUE(recipe) << ToString(recipe.error());
    std::filesystem::create_directories(Path("training"));
    const auto job = PrepareWriterJob(*recipe, text, Path("training"));
    EXPECT_TRUE(job) << ToString(job.error());
    return job ? job->run : "";
  }
};

TEST_F(WriterJobTest, ARunIsNamedByTheAnswersThatItUsesWhateverElseComesIntoTheirFile) {
  // given a run, and the answers of its teacher
  const std::string run = RunOf("abcdefghij");
  const std::string answers = ReadAll(Path("answers.jsonl"));
  EXPECT_EQ(RunOf("abcdefghij"), run);
  // when another recipe adds to them, then it is the same run
  EXPECT_NE(RunOf("klmnopqrst"), run);
  EXPECT_GT(ReadAll(Path("answers.jsonl")).size(), answers.size());
  EXPECT_EQ(RunOf("abcdefghij"), run);
  // and where one of its own answers is another one it is not
  std::string edited = answers;
  edited.insert(edited.find("\"answer\":\"") + 10, "z");
  WriteAll(Path("answers.jsonl"), edited);
  EXPECT_NE(RunOf("abcdefghij"), run);
}

}  // namespace
}  // namespace troupe::tools
