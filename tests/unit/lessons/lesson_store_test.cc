// What the router keeps of lessons, and for how long.
#include "router/lessons/lesson_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "tests/support/temp_folder.h"
#include "tests/unit/lessons/a_lesson.h"

namespace troupe::lessons {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LessonStoreTest : public testing::Test {
 protected:
  LessonOptions Options() {
    return {.path = folder_.path / kFileName, .log = [this](const std::string& line) { log_.push_back(line); }};
  }
  std::vector<std::string> TasksInFile() {
    std::vector<std::string> tasks;
    Result<LessonFile> file = LessonFile::OpenToRead(folder_.path / kFileName);
    EXPECT_TRUE(file) << file.error().message;
    if (!file) return tasks;
    const auto rows = file->Read("help-desk", "handle.route", 0, 100);
    EXPECT_TRUE(rows) << rows.error().message;
    for (const LessonFile::Row& row : *rows) tasks.push_back(row.lesson.task_id);
    return tasks;
  }

  const TempFolder folder_;
  ManualClock clock_{100'000};
  // By the store's thread, which is gone when it is read.
  std::vector<std::string> log_;
};

TEST_F(LessonStoreTest, WritesWhatIsQueuedBeforeItStops) {
  LessonStore store(Options(), clock_);
  store.Keep(ALesson("a"));
  store.Keep(ALesson("b"));
  store.Stop();
  EXPECT_THAT(TasksInFile(), ElementsAre("a", "b"));
  EXPECT_THAT(log_, IsEmpty());
}

TEST_F(LessonStoreTest, MakesNoFileWhereThereIsNothingToKeep) {
  LessonStore store(Options(), clock_);
  store.Stop();
  EXPECT_FALSE(std::filesystem::exists(folder_.path / kFileName));
}

TEST_F(LessonStoreTest, RemovesWhatIsTooOldAtTheStartToo) {
  // given two lessons of an earlier run
  {
    LessonStore store(Options(), clock_);
    store.Keep(ALesson("old", 10'000));
    store.Keep(ALesson("new", 95'000));
  }
  // when a router that keeps them for 20 s starts and has nothing to do
  LessonOptions options = Options();
  options.max_age_ms = 20'000;
  LessonStore store(std::move(options), clock_);
  store.Stop();
  // then
  EXPECT_THAT(TasksInFile(), ElementsAre("new"));
}

TEST_F(LessonStoreTest, SaysOnceThatNothingCanBeWritten) {
  // given a folder in the file's place
  std::filesystem::create_directory(folder_.path / kFileName);
  // when lessons come one by one
  {
    LessonStore store(Options(), clock_);
    store.Keep(ALesson("a"));
  }
  // then
  ASSERT_EQ(log_.size(), 1u);
  EXPECT_THAT(log_[0], HasSubstr("lessons are lost until this is mended: cannot open"));
}

}  // namespace
}  // namespace troupe::lessons
