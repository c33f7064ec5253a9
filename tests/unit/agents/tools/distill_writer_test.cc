// The whole command for models that write, on a llama of random weights that knows bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agents/generate/generate.h"
#include "agents/tools/distill.h"
#include "runtime/base/digest.h"
#include "runtime/base/value.h"
#include "tests/unit/agents/fake_step.h"
#include "tests/unit/agents/tools/command_test.h"

namespace troupe::tools {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class DistillWriterTest : public CommandTest {
 protected:
  void SetUp() override {
    TinyModelTest::SetUp();
    // the answer is the prompt's letter, three times
    std::string lines;
    for (int i = 0; i < 48; ++i) {
      const std::string letter(1, static_cast<char>('a' + i % 8));
      lines += Dump({{"prompt", letter}, {"answer", letter + letter + letter}}) + "\n";
    }
    WriteAll(Path("prompts.jsonl"), lines);
  }

  Status Run(const std::string& spec, const std::string& out, const std::vector<std::string>& flags = {}) const {
    return RunCommand<Distill>("distill", "DistillRecipe", "  task: generate\n" + spec, out, flags);
  }
  std::string Refused(const std::string& spec) const {
    const Status status = Run(spec, "refused");
    EXPECT_FALSE(fs::exists(Path("refused")));
    return status ? "done" : status.error().message;
  }
  std::string Teach(int epochs = 40) {
    return "  model: " + Llama().string() +
           "\n  data: {train: prompts.jsonl, heldOut: 0.2}\n  training: {epochs: " + std::to_string(epochs) +
           ", batch: 8, rate: 1e-2}\n";
  }
  static std::string Student(const std::string& data, const std::string& loss, int epochs) {
    return "  teacher: teacher\n  student: {layers: [1]}\n  data: {train: prompts.jsonl, heldOut: 0.2" + data +
           "}\n  loss: {" + loss + "}\n  training: {epochs: " + std::to_string(epochs) + ", batch: 8, rate: 1e-2}\n";
  }
};

TEST_F(DistillWriterTest, ATeacherAndItsStudentAreFoldersThatGenerate) {
  // given a teacher that was trained on prompts
  const Status taught = Run(Teach(), "teacher");
  ASSERT_TRUE(taught) << ToString(taught.error());
  EXPECT_GE(Card("teacher")["held_out"]["token_accuracy"], 0.95) << Card("teacher").dump(2);
  // when a student of half its layers learns from it, which writes the answers itself
  const Status learnt =
      Run(Student(", answers: answers.jsonl, maxTokens: 8", "divergence: forward, top: 16", 60), "student");
  ASSERT_TRUE(learnt) << ToString(learnt.error());
  // then it does the same, and says what it is
  const Value card = Card("student");
  EXPECT_GE(card["held_out"]["token_accuracy"], 0.9) << card.dump(2);
  EXPECT_EQ(card["layers"], 1);
  EXPECT_EQ(card["teacher"]["layers_taken"], Value({1}));
  EXPECT_EQ(card["teacher"]["sha256"], Card("teacher")["sha256"]);
  EXPECT_EQ(card["sha256"], *Sha256HexOfFile(Path("student") / "model.safetensors"));
  EXPECT_THAT(ReadAll(Path("student") / "card.md"), HasSubstr("| answers.jsonl | 48 | the teacher's answers |"));
  EXPECT_THAT(ReadAll(Path("student") / "loss.svg"), HasSubstr("<polyline"));
  EXPECT_FALSE(fs::exists(Path("student.training")));
  // and `kind: generate` writes with it
  auto kind = generate::Make(MakeSpec("generate", Path("student"), {{"compute", "fp32"}, {"maxTokens", 8}}));
  ASSERT_TRUE(kind) << ToString(kind.error());
  const auto step = std::make_shared<host::FakeStep>(Value{{"prompt", "c"}});
  (*kind)->Work(step);
  const auto answer = step->Wait();
  ASSERT_TRUE(answer) << ToString(answer.error());
  EXPECT_EQ((*answer)["text"], "ccc");
  (*kind)->Stop();
}

TEST_F(DistillWriterTest, AStudentLearnsFromWhatItWritesItself) {
  ASSERT_TRUE(Run(Teach(), "teacher"));
  const Status learnt = Run(Student("", "divergence: jsd, beta: 0.5, onPolicy: 0.5", 60), "student");
  ASSERT_TRUE(learnt) << ToString(learnt.error());
  EXPECT_GE(Card("student")["held_out"]["token_accuracy"], 0.8) << Card("student").dump(2);
}

TEST_F(DistillWriterTest, LayersMayBeChosenByWhatTheirAbsenceCosts) {
  ASSERT_TRUE(Run(Teach(), "teacher"));
  const Status learnt =
      Run("  teacher: teacher\n  student: {layers: 1, pick: leastMissed}\n"
          "  data: {train: prompts.jsonl, heldOut: 0.2}\n  training: {epochs: 20, batch: 8, rate: 1e-2}\n",
          "student");
  ASSERT_TRUE(learnt) << ToString(learnt.error());
  EXPECT_EQ(Card("student")["layers"], 1);
  EXPECT_EQ(Card("student")["teacher"]["layers_taken"].size(), 1u);
  EXPECT_GE(Card("student")["held_out"]["token_accuracy"], 0.8);
}

TEST_F(DistillWriterTest, ATeacherThatIsShownExamplesTeachesAStudentThatIsNot) {
  ASSERT_TRUE(Run(Teach(), "teacher"));
  WriteAll(Path("examples.jsonl"), "{\"prompt\": \"x\", \"answer\": \"xxx\"}\n");
  const std::string spec =
      Student(", examples: examples.jsonl, answers: answers.jsonl, maxTokens: 8", "divergence: reverse", 1);
  const Status learnt = Run(spec, "student");
  ASSERT_TRUE(learnt) << ToString(learnt.error());
  EXPECT_THAT(ReadAll(Path("student") / "card.md"), HasSubstr("| examples.jsonl | 1 | shown to the teacher |"));
  // its answers are not those of a teacher that is shown nothing
  EXPECT_THAT(Refused(Student(", answers: answers.jsonl, maxTokens: 8", "divergence: reverse", 1)),
              HasSubstr("written by another teacher"));
}

TEST_F(DistillWriterTest, AnAdapterIsAFolderThatGenerateMergesIntoItsModel) {
  // given an adapter that was trained for a model
  const Status learnt = Run("  model: " + Llama().string() +
                                "\n  adapter: {rank: 8, alpha: 16}\n  data: {train: prompts.jsonl, heldOut: 0.2}\n"
                                "  training: {epochs: 60, batch: 8, rate: 2e-2}\n",
                            "adapter");
  ASSERT_TRUE(learnt) << ToString(learnt.error());
  ASSERT_GE(Card("adapter")["held_out"]["token_accuracy"], 0.95) << Card("adapter").dump(2);
  EXPECT_FALSE(fs::exists(Path("adapter") / "model.safetensors"));
  // when an agent has the model and the adapter
  const auto say = [&](const Value& config) {
    auto kind = generate::Make(MakeSpec("generate", Llama(), config));
    EXPECT_TRUE(kind) << ToString(kind.error());
    const auto step = std::make_shared<host::FakeStep>(Value{{"prompt", "c"}});
    (*kind)->Work(step);
    const auto answer = step->Wait();
    const std::string digest = (*kind)->facts().model_digest;
    (*kind)->Stop();
    return std::pair(answer ? (*answer)["text"].get<std::string>() : ToString(answer.error()), digest);
  };
  const auto plain = say({{"compute", "fp32"}, {"maxTokens", 8}});
  const auto adapted = say({{"compute", "fp32"}, {"maxTokens", 8}, {"adapter", Path("adapter").string()}});
  // then it does what the adapter has learnt, and is known as another model
  EXPECT_EQ(adapted.first, "ccc");
  EXPECT_NE(plain.first, "ccc");
  EXPECT_NE(plain.second, adapted.second);
  // and to another model it does not belong
  const auto other = generate::Make(MakeSpec("generate", Llama(8), {{"adapter", Path("adapter").string()}}));
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message, HasSubstr("the adapter was made for a model with SHA-256"));
}

TEST_F(DistillWriterTest, TheSameRecipeGivesTheSameWeights) {
  ASSERT_TRUE(Run(Teach(3), "one"));
  ASSERT_TRUE(Run(Teach(3), "other"));
  EXPECT_EQ(ReadAll(Path("one") / "model.safetensors"), ReadAll(Path("other") / "model.safetensors"));
}

TEST_F(DistillWriterTest, WithoutACheckpointThereIsNothingToTake) {
  const Status taken = Run(Teach(1), "taken", {"--take-best"});
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().message, HasSubstr("there is no checkpoint whose weights could be taken"));
}

TEST_F(DistillWriterTest, WhatCannotBeTrainedIsToldBeforeItBegins) {
  const std::string model = "  model: " + Llama().string() + "\n";
  WriteAll(Path("open.jsonl"), "{\"prompt\": \"a\"}\n{\"prompt\": \"b\"}\n");
  WriteAll(Path("one.jsonl"), "{\"prompt\": \"a\", \"answer\": \"b\"}\n");
  WriteAll(Path("spelled.jsonl"), "{\"prompt\": \"a <|im_end|>\", \"answer\": \"b\"}\n");
  WriteAll(Path("long.jsonl"), Dump({{"prompt", std::string(600, 'a')}, {"answer", "b"}}) + "\n");
  EXPECT_THAT(Refused(model + "  data: {train: open.jsonl}\n"), HasSubstr("open.jsonl:1: no \"answer\""));
  EXPECT_THAT(Refused(model + "  data: {train: one.jsonl}\n"), HasSubstr("nothing is held out of 1 prompts"));
  EXPECT_THAT(Refused(model + "  data: {train: spelled.jsonl}\n"), HasSubstr("spelled.jsonl:1: the special token"));
  EXPECT_THAT(Refused(model + "  data: {train: long.jsonl}\n"), HasSubstr("the model reads 512"));
  EXPECT_THAT(Refused("  model: " + Bert().string() + "\n  data: {train: prompts.jsonl}\n"),
              HasSubstr("does not write"));
  EXPECT_THAT(Refused("  model: " + Llama(8, "").string() + "\n  data: {train: prompts.jsonl}\n"),
              HasSubstr("no chat template"));
  EXPECT_THAT(Refused("  teacher: " + Llama().string() + "\n  student: {layers: 3}\n  data: {train: prompts.jsonl}\n"),
              HasSubstr("its teacher has 2"));
}

TEST_F(DistillWriterTest, WhatMayNotBeWrittenOverIsToldBeforeATeacherWrites) {
  WriteAll(Path("mine") / "letter.txt", "dear");
  const std::string spec = "  teacher: " + Llama().string() +
                           "\n  student: {layers: 1}\n  data: {train: prompts.jsonl, answers: answers.jsonl}\n";
  EXPECT_EQ(Run(spec, "mine").error().code, Code::kAlreadyExists);
  EXPECT_EQ(Run(spec, "mine", {"--force"}).error().code, Code::kFailedPrecondition);
  EXPECT_FALSE(fs::exists(Path("answers.jsonl")));
  EXPECT_EQ(ReadAll(Path("mine") / "letter.txt"), "dear");
}

TEST_F(DistillWriterTest, AStudentDoesNotTakeItsTeachersPlace) {
  fs::copy(Llama(), Path("small"));
  const std::string before = ReadAll(Llama() / "config.json");
  const Status taken =
      Run("  teacher: " + Llama().string() + "\n  student: {model: small}\n  data: {train: prompts.jsonl}\n",
          Llama().string(), {"--force"});
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().message, HasSubstr("is the model itself"));
  EXPECT_EQ(ReadAll(Llama() / "config.json"), before);
}

TEST_F(DistillWriterTest, AStudentOfAnotherVocabularyOrTemplateIsRefused) {
  const std::string teacher = "  teacher: " + Llama().string() + "\n  student: {model: ";
  const std::string data = "}\n  data: {train: prompts.jsonl}\n";
  EXPECT_THAT(Refused(teacher + Llama(8, "{% for m in messages %}{{ m.content }}{% endfor %}").string() + data),
              HasSubstr("its chat template is not that of the teacher"));
  const fs::path other = Path("other");
  fs::copy(Llama(9), other);
  std::string tokenizer = ReadAll(other / "tokenizer.json");
  const size_t first = tokenizer.find("\"a\":"), second = tokenizer.find("\"b\":");
  ASSERT_TRUE(first != tokenizer.npos && second != tokenizer.npos);
  std::swap(tokenizer[first + 1], tokenizer[second + 1]);
  WriteAll(other / "tokenizer.json", tokenizer);
  EXPECT_THAT(Refused(teacher + "other" + data), HasSubstr("its vocabulary is not that of the teacher"));
}

}  // namespace
}  // namespace troupe::tools
