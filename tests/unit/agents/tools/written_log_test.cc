#include "agents/tools/written_log.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/temp_folder.h"

namespace troupe::tools {
namespace {

class WrittenLogTest : public testing::Test {
 protected:
  WrittenLog Open(const std::string& run = "this run") const {
    auto log = WrittenLog::Open(file_, run);
    EXPECT_TRUE(log) << ToString(log.error());
    return std::move(*log);
  }
  static std::vector<std::string> Rest(WrittenLog& log) {
    std::vector<std::string> texts;
    while (const auto text = log.Next()) texts.push_back(text->text);
    return texts;
  }

  TempFolder folder_;
  std::filesystem::path file_ = folder_.path / "written.jsonl";
};

TEST_F(WrittenLogTest, WhatWasWrittenComesBackInOrderAndAsItWas) {
  // given a run that was broken off behind two pieces
  {
    WrittenLog log = Open();
    EXPECT_FALSE(log.Next());
    ASSERT_TRUE(log.Add({{"one \"1\"", true, std::exp(-1.0)}, {"two", false, 0}}));
    ASSERT_TRUE(log.Add({{"three", true, 1}}));
  }
  // when it goes on
  WrittenLog log = Open();
  const auto first = log.Next();
  // then each text is what it was, and what is new comes behind them
  ASSERT_TRUE(first);
  EXPECT_EQ(first->text, "one \"1\"");
  EXPECT_TRUE(first->is_whole);
  EXPECT_EQ(first->confidence, std::exp(-1.0));
  EXPECT_FALSE(log.Next()->is_whole);
  EXPECT_EQ(Rest(log), std::vector<std::string>{"three"});
  ASSERT_TRUE(log.Add({{"four", true, 1}}));
  WrittenLog again = Open();
  EXPECT_EQ(Rest(again), (std::vector<std::string>{"one \"1\"", "two", "three", "four"}));
}

TEST_F(WrittenLogTest, ALineThatWasCutOffIsWrittenAgain) {
  ASSERT_TRUE(Open().Add({{"one", true, 0.5}, {"two", true, 0.5}}));
  const std::string whole = ReadAll(file_);
  for (const size_t missing : {1, 5, 20}) {
    WriteAll(file_, whole.substr(0, whole.size() - missing));
    WrittenLog log = Open();
    EXPECT_EQ(Rest(log), std::vector<std::string>{"one"});
    ASSERT_TRUE(log.Add({{"two", true, 0.5}}));
    EXPECT_EQ(ReadAll(file_), whole);
  }
}

TEST_F(WrittenLogTest, BehindADamagedLineNothingCounts) {
  ASSERT_TRUE(Open().Add({{"one", true, 0.5}, {"two", true, 0.5}, {"three", true, 0.5}}));
  std::string damaged = ReadAll(file_);
  damaged[damaged.find("two") + 3] = '\0';
  WriteAll(file_, damaged);
  WrittenLog log = Open();
  EXPECT_EQ(Rest(log), std::vector<std::string>{"one"});
}

TEST_F(WrittenLogTest, WhatAnotherRunLeftIsNeitherTakenNorLost) {
  ASSERT_TRUE(Open("that run").Add({{"one", true, 0.5}}));
  const auto other = WrittenLog::Open(folder_.path / "written.jsonl", "this run");
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message, testing::HasSubstr("--fresh begins from the start"));
  EXPECT_TRUE(Open("that run").Next());
}

TEST_F(WrittenLogTest, AFolderThatIsNotThereIsTold) {
  EXPECT_FALSE(WrittenLog::Open(folder_.path / "gone" / "written.jsonl", "this run"));
}

}  // namespace
}  // namespace troupe::tools
