// The whole command, on a model of random weights that knows letters.
#include "agents/tools/distill.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agents/classify/classify.h"
#include "runtime/base/digest.h"
#include "runtime/base/value.h"
#include "tests/unit/agents/fake_step.h"
#include "tests/unit/agents/tools/command_test.h"

namespace troupe::tools {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class DistillTest : public CommandTest {
 protected:
  void SetUp() override {
    TinyModelTest::SetUp();
    // texts that begin with "a" are apples, those with "b" bananas
    std::string csv = "text,label\n";
    for (int i = 0; i < 40; ++i) {
      const std::string tail(1 + i % 5, static_cast<char>('c' + i % 20));
      csv += (i % 2 == 0 ? "a " + tail + ",apple\n" : "b " + tail + ",banana\n");
    }
    WriteAll(Path("texts.csv"), csv);
  }

  Status Run(const std::string& spec, const std::string& out, const std::vector<std::string>& flags = {}) const {
    return RunCommand<Distill>("distill", "DistillRecipe", spec, out, flags);
  }
  std::string Refused(const std::string& spec) const {
    const Status status = Run(spec, "refused");
    EXPECT_FALSE(fs::exists(Path("refused")));
    return status ? "done" : status.error().message;
  }
  std::string Teach() {
    return "  model: " + Bert().string() +
           "\n  data: {train: texts.csv, heldOut: 0.2}\n  training: {epochs: 60, batch: 8, rate: 1e-2, dropout: 0}\n";
  }
};

TEST_F(DistillTest, ATeacherAndItsStudentAreFoldersThatClassify) {
  // given a teacher made by a recipe
  const Status taught = Run(Teach(), "teacher");
  ASSERT_TRUE(taught) << ToString(taught.error());
  // when a student of one layer learns from it
  const Status learnt =
      Run("  teacher: teacher\n  student: {layers: 1, feedForward: 12}\n  data: {train: texts.csv, heldOut: 0.2}\n"
          "  training: {epochs: 60, batch: 8, rate: 1e-2, dropout: 0}\n",
          "student");
  ASSERT_TRUE(learnt) << ToString(learnt.error());
  // then both are right about what was held out, and say what they are
  const Value teacher = Card("teacher"), student = Card("student");
  EXPECT_GE(teacher["held_out"]["accuracy"], 0.9) << teacher.dump(2);
  EXPECT_GE(student["held_out"]["accuracy"], 0.9) << student.dump(2);
  EXPECT_EQ(student["layers"], 1);
  EXPECT_EQ(student["feed_forward"], 12);
  EXPECT_EQ(student["teacher"]["layers_taken"], Value({1}));
  EXPECT_EQ(student["teacher"]["sha256"], teacher["sha256"]);
  EXPECT_EQ(student["sha256"], *Sha256HexOfFile(Path("student") / "model.safetensors"));
  EXPECT_EQ(student["data"][0]["sha256"], *Sha256HexOfFile(Path("texts.csv")));
  EXPECT_THAT(ReadAll(Path("student") / "card.md"), HasSubstr("| texts.csv | 40 | trained on |"));
  EXPECT_THAT(ReadAll(Path("student") / "loss.svg"), HasSubstr("<polyline"));
  EXPECT_FALSE(fs::exists(Path("student.training")));
  // and `kind: classify` answers with them
  for (const char* folder : {"teacher", "student"}) {
    auto kind = classify::Make(MakeSpec("classify", Path(folder), {{"compute", "fp32"}}));
    ASSERT_TRUE(kind) << ToString(kind.error());
    const auto step = std::make_shared<host::FakeStep>(Value{{"text", "b cc"}});
    (*kind)->Work(step);
    const auto answer = step->Wait();
    ASSERT_TRUE(answer) << ToString(answer.error());
    EXPECT_EQ((*answer)["label"], "banana");
    (*kind)->Stop();
  }
}

TEST_F(DistillTest, TheSameRecipeGivesTheSameWeights) {
  ASSERT_TRUE(Run(Teach(), "one"));
  ASSERT_TRUE(Run(Teach(), "other"));
  EXPECT_EQ(Card("one")["sha256"], Card("other")["sha256"]);
  EXPECT_EQ(ReadAll(Path("one") / "model.safetensors"), ReadAll(Path("other") / "model.safetensors"));
}

TEST_F(DistillTest, WhatIsNoModelIsNotWrittenOver) {
  WriteAll(Path("mine") / "letter.txt", "dear");
  EXPECT_EQ(Run(Teach(), "mine").error().code, Code::kAlreadyExists);
  EXPECT_EQ(Run(Teach(), "mine", {"--force"}).error().code, Code::kFailedPrecondition);
  EXPECT_EQ(ReadAll(Path("mine") / "letter.txt"), "dear");
}

TEST_F(DistillTest, WhatCannotBeTrainedIsToldBeforeItBegins) {
  WriteAll(Path("one.csv"), "text,label\na,x\nb,x\n");
  WriteAll(Path("strange.csv"), "text,label\na c,apple\nb c,cherry\n");
  WriteAll(Path("empty.csv"), "text,label\n");
  const std::string model = "  model: " + Bert().string() + "\n";
  EXPECT_THAT(Refused(model + "  data: {train: one.csv}\n"), HasSubstr("every text has the label \"x\""));
  EXPECT_THAT(Refused(model + "  data: {train: empty.csv}\n"), HasSubstr("empty.csv: no texts"));
  EXPECT_THAT(Refused(model + "  data: {train: texts.csv, heldOut: strange.csv}\n"),
              HasSubstr("strange.csv:3: the label \"cherry\" is none of the 2 that the training texts have"));
  EXPECT_THAT(Refused("  teacher: " + Bert().string() + "\n  student: {layers: 1}\n  data: {train: texts.csv}\n"),
              HasSubstr("no classification head"));
  EXPECT_THAT(Refused("  model: " + Llama().string() + "\n  data: {train: texts.csv}\n"),
              HasSubstr("encoders of the BERT family"));
}

TEST_F(DistillTest, AStudentOfAnotherVocabularyIsRefused) {
  // given a teacher, and a model that differs from it by two tokens
  ASSERT_TRUE(Run(Teach(), "teacher"));
  const fs::path other = Path("other");
  fs::copy(Bert(), other);
  std::string tokenizer = ReadAll(other / "tokenizer.json");
  const size_t first = tokenizer.find("\"c\":"), second = tokenizer.find("\"d\":");
  ASSERT_TRUE(first != tokenizer.npos && second != tokenizer.npos);
  tokenizer[first + 1] = 'd';
  tokenizer[second + 1] = 'c';
  WriteAll(other / "tokenizer.json", tokenizer);
  // then it is told which token is not the same
  EXPECT_THAT(Refused("  teacher: teacher\n  student: {model: other}\n  data: {train: texts.csv}\n"),
              HasSubstr("its vocabulary is not that of the teacher"));
  // and a student of the same vocabulary is taken
  const Status same = Run("  teacher: teacher\n  student: {model: " + Bert().string() +
                              "}\n  data: {train: texts.csv, heldOut: 0.2}\n  training: {epochs: 1}\n",
                          "same");
  EXPECT_TRUE(same) << ToString(same.error());
}

}  // namespace
}  // namespace troupe::tools
