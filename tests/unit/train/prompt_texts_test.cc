#include "runtime/train/prompt_texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/train/kept_answers.h"
#include "tests/support/temp_folder.h"

namespace troupe::train {
namespace {

using testing::HasSubstr;

class PromptTextsTest : public testing::Test {
 protected:
  Result<std::vector<PromptText>> Read(const std::string& lines, Answers answers = Answers::kRequired) const {
    WriteAll(File(), lines);
    return ReadPromptTexts(File(), answers);
  }
  std::string Refused(const std::string& lines) const {
    const auto texts = Read(lines);
    return texts ? "read" : texts.error().message;
  }
  std::filesystem::path File() const { return folder_.path / "desk.jsonl"; }

  TempFolder folder_;
};

TEST_F(PromptTextsTest, APromptIsATextOrAConversation) {
  const auto texts = Read(R"({"prompt": "hi", "answer": "hello"}

{"prompt": [{"role": "system", "content": "be short"}, {"role": "user", "content": "bye"}], "answer": "so long"}
)");
  ASSERT_TRUE(texts) << ToString(texts.error());
  ASSERT_EQ(texts->size(), 2u);
  EXPECT_EQ(texts->at(0).prompt.at(0).role, "user");
  EXPECT_EQ(texts->at(0).prompt.at(0).content, "hi");
  EXPECT_EQ(texts->at(1).prompt.size(), 2u);
  EXPECT_EQ(texts->at(1).answer, "so long");
  EXPECT_EQ(texts->at(1).place, "desk.jsonl:3");
}

TEST_F(PromptTextsTest, LessonsOfAStepThatWritesAreRead) {
  // as `troupe learn export` prints them
  const auto texts =
      Read(R"({"answer":"On the first.","confidence":0.5,"prompt":[{"content":"be short","role":"system"},)"
           R"({"content":"rent?","role":"user"}],"student_answer":"hm","task":"a","time_ms":1000,"version":"v1"})");
  ASSERT_TRUE(texts) << ToString(texts.error());
  EXPECT_EQ(texts->at(0).prompt.size(), 2u);
  EXPECT_EQ(texts->at(0).prompt.at(1).content, "rent?");
  EXPECT_EQ(texts->at(0).answer, "On the first.");
}

TEST_F(PromptTextsTest, LessonsOfAStepThatClassifiesAreReadAsPromptsAndLabels) {
  const std::string lesson = R"({"confidence":0.4,"label":"rent","student_label":"other","text":"my rent"})";
  const auto texts = Read(lesson);
  ASSERT_TRUE(texts) << ToString(texts.error());
  EXPECT_EQ(texts->at(0).prompt.at(0).content, "my rent");
  EXPECT_EQ(texts->at(0).answer, "rent");
  EXPECT_THAT(Refused(R"({"text":"my rent"})"), HasSubstr("desk.jsonl:1: no \"label\""));
}

TEST_F(PromptTextsTest, AnAnswerIsThereWhereItHasToBe) {
  const std::string open = R"({"prompt": "hi"})";
  EXPECT_THAT(Refused(open), HasSubstr("desk.jsonl:1: no \"answer\""));
  EXPECT_TRUE(Read(open, Answers::kOptional));
}

TEST_F(PromptTextsTest, WhatIsNoPromptIsToldWithItsPlace) {
  EXPECT_THAT(Refused(""), HasSubstr("desk.jsonl: no prompts"));
  EXPECT_THAT(Refused("{\"prompt\": \"a\", \"answer\": \"b\"}\n[1]"), HasSubstr("desk.jsonl:2: no object"));
  EXPECT_THAT(Refused("{\"prompt\": \"\", \"answer\": \"b\"}"), HasSubstr("desk.jsonl:1: no \"prompt\""));
  EXPECT_THAT(Refused("{\"prompt\": [{\"role\": \"user\"}], \"answer\": \"b\"}"), HasSubstr("{role, content}"));
  EXPECT_THAT(Refused("{\"prompt\": \"\xff\", \"answer\": \"b\"}"), HasSubstr("desk.jsonl:1"));
}

TEST_F(PromptTextsTest, TheyComeOneByOneUntilOneIsEnough) {
  const std::string line = "{\"prompt\": \"a\", \"answer\": \"b\"}\n";
  WriteAll(File(), line + line + "no prompt");
  int taken = 0;
  const Status ended = ForEachPromptText(File(), Answers::kRequired, [&](const PromptText&) -> Status {
    return ++taken == 2 ? Status(Cancelled("enough")) : Status();
  });
  EXPECT_EQ(ended.error().message, "enough");
  EXPECT_EQ(taken, 2);
}

TEST_F(PromptTextsTest, ALineWithoutAnEndIsNotReadWhole) {
  WriteAll(File(), "");
  std::filesystem::resize_file(File(), uint64_t{10} << 30);
  const auto refused = ReadPromptTexts(File(), Answers::kRequired);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("desk.jsonl:1: the line has more than 16777216 bytes"));
}

TEST_F(PromptTextsTest, AnswersAreKeptForTheirTeacher) {
  // given two prompts, of which a teacher has answered one
  const auto texts = Read("{\"prompt\": \"a\"}\n{\"prompt\": \"b\"}\n", Answers::kOptional);
  ASSERT_TRUE(texts);
  const auto file = folder_.path / "answers.jsonl";
  auto kept = KeptAnswers::Open(file, "teacher");
  ASSERT_TRUE(kept) << ToString(kept.error());
  kept->Put(texts->at(0), "so \"be\" it\n");
  ASSERT_TRUE(kept->Save());
  // when they are opened again
  const auto again = KeptAnswers::Open(file, "teacher");
  // then that one is there, and for nobody else
  ASSERT_TRUE(again) << ToString(again.error());
  ASSERT_NE(again->Find(texts->at(0)), nullptr);
  EXPECT_EQ(*again->Find(texts->at(0)), "so \"be\" it\n");
  EXPECT_EQ(again->Find(texts->at(1)), nullptr);
  // nor is the same said by somebody else the same prompt
  PromptText by_system = texts->at(0);
  by_system.prompt[0].role = "system";
  EXPECT_EQ(again->Find(by_system), nullptr);
  const auto other = KeptAnswers::Open(file, "another");
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message, HasSubstr("answers.jsonl:1: written by another teacher"));
  WriteAll(file, "what\n");
  EXPECT_THAT(KeptAnswers::Open(file, "teacher").error().message, HasSubstr("answers.jsonl:1: no answer"));
}

}  // namespace
}  // namespace troupe::train
