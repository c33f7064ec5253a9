// The whole command, on a student of random weights that knows letters and has been trained on two labels.
#include "agents/tools/learn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <utility>

#include "agents/classify/classify.h"
#include "agents/tools/distill.h"
#include "runtime/base/digest.h"
#include "runtime/base/value.h"
#include "tests/unit/agents/fake_step.h"
#include "tests/unit/agents/tools/command_test.h"

namespace troupe::tools {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr char kTraining[] = "  training: {epochs: 40, batch: 8, rate: 1e-2, dropout: 0}\n";

// Texts that begin with "a" are apples, with "b" bananas, with "c" cherries.
std::string Text(char first, int number) {
  return std::string(1, first) + " " + std::string(1 + number % 5, static_cast<char>('d' + number % 19)) +
         std::string(1 + number / 19, 'w');
}
const std::vector<std::string> kFruits{"apple", "banana", "cherry"};

class LearnTest : public CommandTest {
 protected:
  void SetUp() override {
    TinyModelTest::SetUp();
    std::string csv = "text,label\n";
    for (int i = 0; i < 60; ++i)
      csv += Text(i % 2 == 0 ? 'a' : 'b', i) + "," + kFruits[static_cast<size_t>(i % 2)] + "\n";
    WriteAll(Path("texts.csv"), csv);
    const Status made = RunCommand<Distill>(
        "distill", "DistillRecipe",
        "  model: " + Bert().string() + "\n  data: {train: texts.csv, heldOut: 0.2}\n" + kTraining, "student");
    ASSERT_TRUE(made) << ToString(made.error());
  }

  Result<Learnt> LearnTo(const std::string& out, const std::string& more = "") const {
    return RunCommand<Learn>(
        "learn", "LearnRecipe",
        "  student: student\n  lessons: pairs.jsonl\n  replay: {texts: texts.csv}\n" + more + kTraining, out);
  }
  std::string Refused(const std::string& spec) const {
    const auto learnt = RunCommand<Learn>("learn", "LearnRecipe", spec, "refused");
    EXPECT_FALSE(fs::exists(Path("refused")));
    return learnt ? "learnt" : learnt.error().message;
  }

  // Lessons of texts that begin with these letters, as a router exports them; `label_of` gives a text's label from the
  // number of the right one, `sure_of` how sure the teacher was.
  void WriteLessons(
      int count, const std::string& letters, const std::function<std::string(size_t, int)>& label_of,
      const std::function<double(int)>& sure_of = [](int) { return 0.9; }) {
    std::string lines;
    for (int i = 0; i < count; ++i) {
      const char first = letters[static_cast<size_t>(i) % letters.size()];
      lines += Dump(Value{{"text", Text(first, 100 + i)},
                          {"label", label_of(static_cast<size_t>(first - 'a'), i)},
                          {"teacher_confidence", sure_of(i)},
                          {"student_label", "apple"},
                          {"confidence", 0.4}}) +
               "\n";
    }
    WriteAll(Path("pairs.jsonl"), lines);
  }
  void WriteRightLessons() {
    WriteLessons(60, "cab", [](size_t right, int) { return kFruits[right]; });
  }

  Value Answer(const std::string& folder, const std::string& text) {
    auto kind = classify::Make(MakeSpec("classify", Path(folder), {{"compute", "fp32"}}));
    EXPECT_TRUE(kind) << ToString(kind.error());
    const auto step = std::make_shared<host::FakeStep>(Value{{"text", text}});
    (*kind)->Work(step);
    const auto answer = step->Wait();
    EXPECT_TRUE(answer) << ToString(answer.error());
    (*kind)->Stop();
    return *answer;
  }
};

TEST_F(LearnTest, ALabelThatItHasNeverSeenIsLearntAndNoneIsForgotten) {
  // given a student of apples and bananas, and lessons about cherries too
  WriteRightLessons();
  EXPECT_NE(Answer("student", Text('c', 161))["label"], "cherry");
  // when it learns
  const auto learnt = LearnTo("next");
  ASSERT_TRUE(learnt) << ToString(learnt.error());
  ASSERT_EQ(*learnt, Learnt::kWritten);
  // then it tells all three apart
  EXPECT_EQ(Answer("next", Text('c', 161))["label"], "cherry");
  EXPECT_EQ(Answer("next", Text('a', 161))["label"], "apple");
  EXPECT_EQ(Answer("next", Text('b', 161))["label"], "banana");
  // and its card says from what
  const Value card = *ParseValue(ReadAll(Path("next") / "card.json"));
  EXPECT_EQ(card["parent"]["sha256"], *Sha256HexOfFile(Path("student") / "model.safetensors"));
  EXPECT_EQ(card["sha256"], *Sha256HexOfFile(Path("next") / "model.safetensors"));
  EXPECT_EQ(card["data"][0]["sha256"], *Sha256HexOfFile(Path("pairs.jsonl")));
  EXPECT_EQ(card["new_labels"], Value({"cherry"}));
  EXPECT_EQ(card["seed"], 1);
  EXPECT_EQ(card["gate"]["passed"], true);
  EXPECT_GT(card["gate"]["lessons"]["won"], 0);
  EXPECT_THAT(ReadAll(Path("next") / "card.md"), HasSubstr("| lessons | "));
  EXPECT_THAT(ReadAll(Path("next") / "teach.yaml"), HasSubstr("teach: {agent: TEACHER, below: 0."));
  EXPECT_FALSE(fs::exists(Path("next.training")));
}

TEST_F(LearnTest, ItsAnswersSayTheConfidenceThatWasCalibrated) {
  WriteRightLessons();
  ASSERT_TRUE(LearnTo("next"));
  const double temperature = ParseValue(ReadAll(Path("next") / "card.json")).value()["calibration"]["temperature"];
  Value config = *ParseValue(ReadAll(Path("next") / "config.json"));
  EXPECT_EQ(config["score_temperature"], temperature);
  const double calibrated = Answer("next", Text('c', 161))["score"];
  // when the temperature is taken away, then what is left says by how much it was changed
  config["score_temperature"] = 1;
  WriteAll(Path("next") / "config.json", Dump(config));
  const Value raw = Answer("next", Text('c', 161));
  double sum = 0;
  for (const auto& [label, score] : raw["scores"].items()) sum += std::pow(score.get<double>(), 1 / temperature);
  EXPECT_NEAR(calibrated, std::pow(raw["score"].get<double>(), 1 / temperature) / sum, 1e-3);
  EXPECT_NE(temperature, 1);
}

TEST_F(LearnTest, ABatchWithShuffledLabelsIsStoppedAndChangesNothing) {
  // given lessons whose labels have nothing to do with their texts
  WriteLessons(60, "cab", [](size_t, int i) { return kFruits[static_cast<size_t>(i * i / 7 + i / 3) % 3]; });
  const std::string before = ReadAll(Path("student") / "model.safetensors");
  // when it learns from them
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const auto learnt = LearnTo("next");
  const std::string table = testing::internal::GetCapturedStdout(), why = testing::internal::GetCapturedStderr();
  // then the gate says so, skill by skill, and the old one is all there is
  ASSERT_TRUE(learnt) << ToString(learnt.error());
  EXPECT_EQ(*learnt, Learnt::kRefused);
  EXPECT_THAT(why, HasSubstr("the gate refuses what was learnt; nothing is written"));
  EXPECT_THAT(table, HasSubstr("| `apple` |"));
  EXPECT_FALSE(fs::exists(Path("next")));
  EXPECT_FALSE(fs::exists(Path("next.training")));
  EXPECT_EQ(ReadAll(Path("student") / "model.safetensors"), before);
}

TEST_F(LearnTest, LessonsOfWhichTheTeacherWasUnsureAreLeftOut) {
  // given lessons of which every other one is wrong, and its teacher unsure of it
  const auto label = [](size_t right, int i) { return i % 2 == 0 ? "apple" : kFruits[right]; };
  WriteLessons(120, "cab", label, [](int i) { return i % 2 == 0 ? 0.4 : 0.9; });
  // when it learns from those alone of which the teacher was sure
  const auto learnt = LearnTo("next", "  teacherConfidence: 0.6\n");
  // then it learns what is right
  ASSERT_TRUE(learnt) << ToString(learnt.error());
  ASSERT_EQ(*learnt, Learnt::kWritten);
  EXPECT_EQ(Answer("next", Text('c', 161))["label"], "cherry");
  const Value card = *ParseValue(ReadAll(Path("next") / "card.json"));
  EXPECT_EQ(card["lessons"]["left_out"], 60);
  EXPECT_EQ(card["lessons"]["trained_on"].get<int>() + card["lessons"]["held_back"].get<int>(), 60);
  EXPECT_EQ(card["gate"]["lessons"]["new_right"], card["lessons"]["held_back"]);
}

TEST_F(LearnTest, TheSameLessonsGiveTheSameWeights) {
  WriteRightLessons();
  ASSERT_TRUE(LearnTo("one"));
  ASSERT_TRUE(LearnTo("other"));
  EXPECT_EQ(ReadAll(Path("one") / "model.safetensors"), ReadAll(Path("other") / "model.safetensors"));
  EXPECT_EQ(ReadAll(Path("one") / "card.json"), ReadAll(Path("other") / "card.json"));
}

TEST_F(LearnTest, WithoutOldExamplesTheStudentsOwnScoresKeepWhatItKnows) {
  WriteRightLessons();
  const auto learnt = RunCommand<Learn>(
      "learn", "LearnRecipe", std::string("  student: student\n  lessons: pairs.jsonl\n") + kTraining, "next");
  ASSERT_TRUE(learnt) << ToString(learnt.error());
  EXPECT_EQ(*learnt, Learnt::kWritten);
  EXPECT_EQ(Answer("next", Text('b', 161))["label"], "banana");
}

TEST_F(LearnTest, WhatCannotBeLearntIsToldBeforeItBegins) {
  WriteRightLessons();
  EXPECT_THAT(Refused("  student: " + Bert().string() + "\n  lessons: pairs.jsonl\n"),
              HasSubstr("no classification head"));
  WriteAll(Path("none.jsonl"), "");
  EXPECT_THAT(Refused("  student: student\n  lessons: none.jsonl\n"), HasSubstr("none.jsonl: no texts"));
  WriteAll(Path("one.jsonl"), "{\"text\": \"a d\", \"label\": \"apple\"}\n");
  EXPECT_THAT(Refused("  student: student\n  lessons: one.jsonl\n"), HasSubstr("holds none of the 1 lessons back"));
  EXPECT_THAT(Refused("  student: student\n  lessons: pairs.jsonl\n  teacherConfidence: 0.95\n"),
              HasSubstr("of none of the 60 lessons the teacher was as sure as 'teacherConfidence'"));
  WriteAll(Path("bad.jsonl"), "{\"text\": \"a d\"}\n");
  EXPECT_THAT(Refused("  student: student\n  lessons: bad.jsonl\n"), HasSubstr("bad.jsonl:1: no field \"label\""));
  EXPECT_EQ(LearnTo("student").error().code, Code::kFailedPrecondition);
}

}  // namespace
}  // namespace troupe::tools
