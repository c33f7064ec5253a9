// What is in a file of lessons, and who may read it.
#include "router/lessons/lesson_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temp_folder.h"
#include "tests/unit/lessons/a_lesson.h"

namespace troupe::lessons {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LessonFileTest : public testing::Test {
 protected:
  LessonFile MustOpen() {
    Result<LessonFile> file = LessonFile::Open(path_);
    EXPECT_TRUE(file) << file.error().message;
    return std::move(*file);
  }
  std::vector<Lesson> All(LessonFile& file, const std::string& step = "handle.route") {
    std::vector<Lesson> lessons;
    const auto rows = file.Read("help-desk", step, 0, 100);
    EXPECT_TRUE(rows) << rows.error().message;
    for (const LessonFile::Row& row : *rows) lessons.push_back(row.lesson);
    return lessons;
  }

  const TempFolder folder_;
  const std::filesystem::path path_ = folder_.path / kFileName;
};

TEST_F(LessonFileTest, GivesBackWhatWasWrittenAlsoLater) {
  {
    LessonFile file = MustOpen();
    ASSERT_TRUE(file.Write(std::vector<Lesson>{ALesson("a"), ALesson("b")}));
  }
  LessonFile file = MustOpen();
  EXPECT_THAT(All(file), ElementsAre(ALesson("a"), ALesson("b")));
  EXPECT_THAT(All(file, "handle"), IsEmpty());
  EXPECT_THAT(*file.StepsOf("help-desk"), ElementsAre("handle.route"));
  // and some at a time
  const auto first = file.Read("help-desk", "handle.route", 0, 1);
  ASSERT_TRUE(first);
  ASSERT_EQ(first->size(), 1u);
  const auto rest = file.Read("help-desk", "handle.route", first->front().id, 10);
  ASSERT_TRUE(rest);
  ASSERT_EQ(rest->size(), 1u);
  EXPECT_EQ(rest->front().lesson, ALesson("b"));
}

TEST_F(LessonFileTest, AStepThatEndsAgainAfterACrashIsOneLesson) {
  LessonFile file = MustOpen();
  Lesson again = ALesson("a");
  again.teacher_output["label"] = "theft";
  ASSERT_TRUE(file.Write(std::vector<Lesson>{ALesson("a")}));
  ASSERT_TRUE(file.Write(std::vector<Lesson>{again}));
  EXPECT_THAT(All(file), ElementsAre(again));
}

TEST_F(LessonFileTest, WhatIsOldGoes) {
  LessonFile file = MustOpen();
  ASSERT_TRUE(file.Write(std::vector<Lesson>{ALesson("a", 1000), ALesson("b", 2000)}));
  ASSERT_TRUE(file.RemoveBefore(2000));
  EXPECT_THAT(All(file), ElementsAre(ALesson("b", 2000)));
}

TEST_F(LessonFileTest, IdsGoOnWhateverIsRemoved) {
  LessonFile file = MustOpen();
  ASSERT_TRUE(file.Write(std::vector<Lesson>{ALesson("a", 1000), ALesson("b", 2000)}));
  const auto last = file.CountAfter("help-desk", "handle.route", 0);
  ASSERT_TRUE(last);
  // when all are old
  ASSERT_TRUE(file.RemoveBefore(9000));
  // then the newest is there, and what comes after has a larger id
  EXPECT_THAT(All(file), ElementsAre(ALesson("b", 2000)));
  ASSERT_TRUE(file.Write(std::vector<Lesson>{ALesson("c", 9000)}));
  EXPECT_EQ(file.CountAfter("help-desk", "handle.route", last->last)->lessons, 1);
}

TEST_F(LessonFileTest, CountsWhatCameAfter) {
  LessonFile file = MustOpen();
  ASSERT_TRUE(file.Write(std::vector<Lesson>{ALesson("a"), ALesson("b"), ALesson("c")}));
  const auto all = file.CountAfter("help-desk", "handle.route", 0);
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->lessons, 3);
  EXPECT_EQ(file.CountAfter("help-desk", "handle.route", all->last - 1)->lessons, 1);
  const auto none = file.CountAfter("help-desk", "handle.route", all->last);
  EXPECT_EQ(none->lessons, 0);
  EXPECT_EQ(none->last, all->last);
  EXPECT_EQ(file.CountAfter("help-desk", "handle", 0)->lessons, 0);
}

TEST_F(LessonFileTest, CanBeReadWhileTheRouterWrites) {
  LessonFile writer = MustOpen();
  ASSERT_TRUE(writer.Write(std::vector<Lesson>{ALesson("a")}));
  Result<LessonFile> reader = LessonFile::OpenToRead(path_);
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_THAT(All(*reader), ElementsAre(ALesson("a")));
  ASSERT_TRUE(writer.Write(std::vector<Lesson>{ALesson("b")}));
  EXPECT_EQ(All(*reader).size(), 2u);
}

TEST_F(LessonFileTest, IsItsOwnersAlone) {
  LessonFile file = MustOpen();
  ASSERT_TRUE(file.Write(std::vector<Lesson>{ALesson("a")}));
  EXPECT_EQ(std::filesystem::status(path_).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(LessonFileTest, OneThatIsNotThereOrNotOursIsRefused) {
  EXPECT_EQ(LessonFile::OpenToRead(path_).error().code, Code::kNotFound);
  {
    auto other = journal::Database::Open(path_.string(), journal::Database::Mode::kReadWrite);
    ASSERT_TRUE(other);
    ASSERT_TRUE(other->Execute("CREATE TABLE things (id INTEGER)"));
  }
  for (const auto& opened : {LessonFile::Open(path_), LessonFile::OpenToRead(path_)}) {
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Code::kFailedPrecondition);
    EXPECT_THAT(opened.error().message, HasSubstr("is no file of lessons"));
  }
}

}  // namespace
}  // namespace troupe::lessons
