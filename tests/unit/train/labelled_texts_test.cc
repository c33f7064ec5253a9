#include "runtime/train/labelled_texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/support/temp_folder.h"

namespace troupe::train {
namespace {

using testing::HasSubstr;

class LabelledTextsTest : public testing::Test {
 protected:
  Result<std::vector<LabelledText>> Read(const std::string& name, const std::string& content,
                                         Labels labels = Labels::kRequired) const {
    WriteAll(folder_.path / name, content);
    return ReadLabelledTexts(folder_.path / name, labels);
  }
  // What is said of the file, behind its folder.
  std::string Refused(const std::string& name, const std::string& content) const {
    const auto read = Read(name, content);
    if (read) return "read";
    EXPECT_EQ(read.error().code, Code::kInvalidArgument);
    const std::string folder = folder_.path.string() + "/";
    EXPECT_TRUE(read.error().message.starts_with(folder)) << read.error().message;
    return read.error().message.substr(folder.size());
  }

  TempFolder folder_;
};

TEST_F(LabelledTextsTest, TablesAndJsonLinesSayTheSame) {
  const auto csv = Read("a.csv", "text,category\n\"one\ntwo\",x\nthree,y\n");
  const auto jsonl =
      Read("a.jsonl", "{\"text\": \"one\\ntwo\", \"label\": \"x\"}\n\n{\"label\": \"y\", \"text\": \"three\"}");
  ASSERT_TRUE(csv && jsonl) << ToString(csv ? jsonl.error() : csv.error());
  ASSERT_EQ(csv->size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ((*csv)[i].text, (*jsonl)[i].text);
    EXPECT_EQ((*csv)[i].label, (*jsonl)[i].label);
  }
  EXPECT_THAT((*csv)[1].place, testing::EndsWith("a.csv:4"));
  EXPECT_THAT((*jsonl)[1].place, testing::EndsWith("a.jsonl:3"));
}

TEST_F(LabelledTextsTest, TextsWithoutLabelsMayBePlainLines) {
  const auto plain = Read("a.txt", "one\n\ntwo\r\n", Labels::kIgnored);
  ASSERT_TRUE(plain);
  ASSERT_EQ(plain->size(), 2u);
  EXPECT_EQ((*plain)[1].text, "two");
  // labels that are there are not looked at
  EXPECT_EQ((*Read("a.csv", "label,text\nx,one\n", Labels::kIgnored))[0].label, "");
  EXPECT_EQ(Read("b.csv", "text\none\n", Labels::kIgnored)->size(), 1u);
}

TEST_F(LabelledTextsTest, HowSureATeacherWasIsReadWhereItSays) {
  const auto read = Read("a.jsonl",
                         "{\"text\": \"a\", \"label\": \"b\", \"teacher_confidence\": 0.25}\n"
                         "{\"text\": \"a\", \"label\": \"b\", \"teacher_confidence\": null}\n"
                         "{\"text\": \"a\", \"label\": \"b\"}\n");
  ASSERT_TRUE(read) << ToString(read.error());
  EXPECT_EQ((*read)[0].confidence, 0.25);
  EXPECT_EQ((*read)[1].confidence, 1);
  EXPECT_EQ((*read)[2].confidence, 1);
  // a cosine
  const auto cosine = Read("a.jsonl", R"({"text": "a", "label": "b", "teacher_confidence": -0.1})");
  ASSERT_TRUE(cosine) << ToString(cosine.error());
  EXPECT_EQ((*cosine)[0].confidence, 0);
}

TEST_F(LabelledTextsTest, WhatIsWrongIsToldWithFileAndLine) {
  EXPECT_THAT(Refused("a.csv", "text,label\n"), HasSubstr("a.csv: no texts"));
  EXPECT_THAT(Refused("a.csv", ""), HasSubstr("a.csv: the CSV file is empty"));
  EXPECT_THAT(Refused("a.csv", "text,kind\na,b\n"), HasSubstr("a.csv:1: no column \"label\" among: text, kind"));
  EXPECT_THAT(Refused("a.csv", "words,label\na,b\n"), HasSubstr("a.csv:1: no column \"text\""));
  EXPECT_THAT(Refused("a.csv", "text,label\na,b\nc\n"), HasSubstr("a.csv: line 3"));
  EXPECT_THAT(Refused("a.csv", "text,label\na,b\nc\xff,d\n"), HasSubstr("a.csv:3: not UTF-8"));
  EXPECT_THAT(Refused("a.csv", "text,label\na,b\n ,d\n"), HasSubstr("a.csv:3: the text is empty"));
  EXPECT_THAT(Refused("a.csv", "text,label\na,\n"), HasSubstr("a.csv:2: the label is empty"));
  EXPECT_THAT(Refused("a.jsonl", "{\"text\": \"a\", \"label\": \"b\"}\n{\"text\": 1"), HasSubstr("a.jsonl:2: "));
  EXPECT_THAT(Refused("a.jsonl", "[1]\n"), HasSubstr("a.jsonl:1: no object with a field \"text\""));
  EXPECT_THAT(Refused("a.jsonl", "{\"text\": \"a\"}\n"), HasSubstr("a.jsonl:1: no field \"label\""));
  for (const char* sure : {"\"high\"", "[]", "true"}) {
    EXPECT_THAT(
        Refused("a.jsonl", std::string("{\"text\": \"a\", \"label\": \"b\", \"teacher_confidence\": ") + sure + "}\n"),
        HasSubstr("a.jsonl:1: \"teacher_confidence\" is no number"));
  }
  EXPECT_THAT(Refused("a.txt", "one\n"), HasSubstr("a .csv or a .jsonl"));
  EXPECT_EQ(ReadLabelledTexts(folder_.path / "none.csv", Labels::kRequired).error().code, Code::kNotFound);
}

TEST_F(LabelledTextsTest, AFileThatIsTooLargeIsToldBeforeItIsRead) {
  WriteAll(folder_.path / "a.csv", "text,label\na,b\n");
  std::filesystem::resize_file(folder_.path / "a.csv", uint64_t{10} << 30);
  const auto refused = ReadLabelledTexts(folder_.path / "a.csv", Labels::kRequired);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kResourceExhausted);
  EXPECT_THAT(refused.error().message, HasSubstr("draw some of its texts"));
}

TEST(Labels, OneLabelAloneIsNothingToLearn) {
  const std::vector<LabelledText> same{{"a", "x", "f:1"}, {"b", "x", "f:2"}};
  const auto refused = LabelsOf(same);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("every text has the label \"x\""));
  EXPECT_FALSE(LabelsOf({}));
  EXPECT_THAT(*LabelsOf({{"a", "y", ""}, {"b", "x", ""}, {"c", "", ""}}), testing::ElementsAre("x", "y"));
}

TEST(Labels, ALabelThatNobodyKnowsIsToldWithItsPlace) {
  const auto numbered = Number({{"a", "y", "f:1"}, {"b", "", "f:2"}}, {"x", "y"}, "the training texts");
  ASSERT_TRUE(numbered);
  EXPECT_THAT(numbered->numbers, testing::ElementsAre(1, kNoLabel));
  const auto refused = Number({{"a", "z", "test.csv:7"}}, {"x", "y"}, "the training texts");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, testing::StartsWith("test.csv:7: the label \"z\" is none of the 2"));
}

TEST(Labels, AShareOfEachLabelIsSetAside) {
  // given 100 texts of a, 40 of b and a single one of c
  std::vector<LabelledText> texts;
  for (int i = 0; i < 141; ++i) texts.push_back({std::to_string(i), i < 100 ? "a" : i < 140 ? "b" : "c", ""});
  // when a tenth is set aside
  const Split split = SetAside(texts, 0.1, 3);
  std::map<std::string, int> held_out;
  for (const LabelledText& text : split.held_out) ++held_out[text.label];
  // then of each label a tenth, and the single one stays
  EXPECT_EQ(held_out, (std::map<std::string, int>{{"a", 10}, {"b", 4}}));
  EXPECT_EQ(split.train.size(), 127u);
  const auto first = [&](uint64_t seed) { return SetAside(texts, 0.1, seed).held_out.front().text; };
  EXPECT_EQ(first(3), split.held_out.front().text);
  EXPECT_NE(first(3) + first(4) + first(5), first(3) + first(3) + first(3));
}

}  // namespace
}  // namespace troupe::train
