// Lessons as lines to train on.
#include "router/cli/learn_export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"
#include "tests/unit/lessons/a_lesson.h"

namespace troupe::cli {
namespace {

using lessons::ALesson;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(LearnExport, ALineHasTheTextTheTeachersLabelAndWhereItIsFrom) {
  EXPECT_EQ(*LineOf(ALesson("a")),
            R"({"confidence":0.5,"label":"card","student_label":"bill","task":"a","teacher_confidence":0.9,)"
            R"("text":"where is my card","time_ms":1000,"version":"v1"})");
  for (const auto& [cosine, sure] : {std::pair(-0.1, "0.0"), {1.0000001, "1.0"}}) {
    lessons::Lesson by_nearness = ALesson("a");
    by_nearness.teacher_output["score"] = cosine;
    EXPECT_THAT(*LineOf(by_nearness), HasSubstr(std::string(R"("teacher_confidence":)") + sure));
  }
  lessons::Lesson of_a_teacher_that_does_not_say = ALesson("a");
  of_a_teacher_that_does_not_say.teacher_output = {{"label", "card"}};
  EXPECT_THAT(*LineOf(of_a_teacher_that_does_not_say), HasSubstr(R"("teacher_confidence":null)"));
}

TEST(LearnExport, OfAStepThatWritesALineHasThePromptAndTheTeachersAnswer) {
  // given a prompt with a system message of the step's own
  lessons::Lesson lesson = ALesson("a");
  lesson.input = {{"prompt", "rent?"}, {"system", "be short"}};
  lesson.student_output = {{"text", "hm"}};
  lesson.teacher_output = {{"text", "On the first."}, {"finish", "stop"}};
  // then the message is a part of the prompt
  EXPECT_EQ(*LineOf(lesson),
            R"({"answer":"On the first.","confidence":0.5,"prompt":[{"content":"be short","role":"system"},)"
            R"({"content":"rent?","role":"user"}],"student_answer":"hm","task":"a","time_ms":1000,"version":"v1"})");
  // also where that is a conversation, and without one it is as it was
  lesson.input["prompt"] = {{{"role", "user"}, {"content", "rent?"}}};
  EXPECT_EQ((*ParseValue(*LineOf(lesson)))["prompt"].size(), 2u);
  lesson.input.erase("system");
  EXPECT_EQ((*ParseValue(*LineOf(lesson)))["prompt"], lesson.input["prompt"]);
}

TEST(LearnExport, WhatHasNoTextOrLabelIsRefused) {
  lessons::Lesson no_text = ALesson("a");
  no_text.input = {{"image", "x"}};
  EXPECT_THAT(LineOf(no_text).error().message, HasSubstr("step 'handle.route' of task a: its input has no 'text'"));
  lessons::Lesson no_answer = ALesson("a");
  no_answer.input = {{"prompt", "x"}};
  EXPECT_THAT(LineOf(no_answer).error().message, HasSubstr("its teacher's answer has no 'text'"));
  lessons::Lesson no_label = ALesson("a");
  no_label.teacher_output = {{"text", "x"}};
  EXPECT_THAT(LineOf(no_label).error().message, HasSubstr("its teacher's answer has no 'label'"));
}

TEST(LearnExport, GivesEveryLessonOfTheStepAndSaysWhichStepsThereAre) {
  // given
  const TempFolder folder;
  Result<lessons::LessonFile> file = lessons::LessonFile::Open(folder.path / lessons::kFileName);
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_TRUE(file->Write(std::vector<lessons::Lesson>{ALesson("a"), ALesson("b")}));
  std::vector<std::string> lines;
  const auto write = [&lines](const std::string& line) -> Status {
    lines.push_back(line);
    return {};
  };
  // when
  const Result<int64_t> count = ExportLessons(*file, "help-desk", "handle.route", write);
  // then
  ASSERT_TRUE(count);
  EXPECT_EQ(*count, 2);
  EXPECT_THAT(lines, ElementsAre(*LineOf(ALesson("a")), *LineOf(ALesson("b"))));
  const Error none = ExportLessons(*file, "help-desk", "route", write).error();
  EXPECT_EQ(none.code, Code::kNotFound);
  EXPECT_THAT(none.message, HasSubstr("there are some of: handle.route"));
}

}  // namespace
}  // namespace troupe::cli
