// What happened in a loop, on disk.
#include "router/learn/rounds_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temp_folder.h"

namespace troupe::learn {
namespace {

namespace fs = std::filesystem;

class RoundsFileTest : public ::testing::Test {
 protected:
  std::string Text() const {
    std::ifstream file(folder_ / "rounds.jsonl");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  const TempFolder temp_;
  const fs::path folder_ = temp_.path / "students";
};

TEST_F(RoundsFileTest, EveryEventComesBackAsItWas) {
  for (const Event& event : {Event(Begun{1, 300, 210}), Event(Refused{2, "worse"}), Event(Learnt{3, "/m", 0.655}),
                             Event(Offered{4, "v2"}), Event(Ended{5, Ended::How::kRolledBack, "bad"}),
                             Event(Ended{5, Ended::How::kPromoted, ""}), Event(Reverted{6, "by ann"})}) {
    const auto read = ParseLine(ToLine(event));
    ASSERT_TRUE(read) << ToLine(event);
    EXPECT_EQ(ToLine(*read), ToLine(event));
    EXPECT_EQ(read->index(), event.index());
  }
  for (const char* line : {"", "[]", "{}", R"({"event": "begun"})", R"({"event": "ended", "how": "so", "round": 1})",
                           R"({"event": "learnt", "round": 1, "model": 3, "below": 0.5})"}) {
    EXPECT_FALSE(ParseLine(line)) << line;
  }
}

TEST_F(RoundsFileTest, WhatWasWrittenIsThereTheNextTimeAndACutOffLineIsNot) {
  // given a loop that was killed in the middle of a line
  {
    auto file = RoundsFile::Open(folder_);
    ASSERT_TRUE(file) << file.error().message;
    ASSERT_TRUE(file->Append(Begun{1, 300, 210}));
    ASSERT_TRUE(file->Append(Learnt{1, "/m", 0.7}));
    EXPECT_FALSE(file->Append(Begun{2, 1, 1})) << "that does not follow";
  }
  const std::string whole = Text();
  std::ofstream(folder_ / "rounds.jsonl", std::ios::app) << R"({"event":"offe)";
  EXPECT_EQ(ReadRounds(folder_)->rounds.size(), 1u);
  // when it is started again
  auto file = RoundsFile::Open(folder_);
  ASSERT_TRUE(file) << file.error().message;
  // then it is where it was, and goes on
  EXPECT_EQ(Text(), whole);
  EXPECT_EQ(file->state().rounds.back().model, "/m");
  ASSERT_TRUE(file->Append(Offered{1, "v2"}));
  EXPECT_EQ(ReadRounds(folder_)->rounds.back().version, "v2");
}

TEST_F(RoundsFileTest, AHistoryThatCannotBeReadIsAnErrorAndStaysAsItIs) {
  fs::create_directories(folder_ / "rounds.jsonl");
  EXPECT_FALSE(RoundsFile::Open(folder_));
  EXPECT_FALSE(ReadRounds(folder_));
  fs::remove(folder_ / "rounds.jsonl");
  // longer than anything that a loop writes
  std::ofstream(folder_ / "rounds.jsonl") << ToLine(Begun{1, 300, 210}) << "\n";
  fs::resize_file(folder_ / "rounds.jsonl", 65u << 20);
  EXPECT_EQ(RoundsFile::Open(folder_).error().code, Code::kResourceExhausted);
  EXPECT_EQ(fs::file_size(folder_ / "rounds.jsonl"), 65u << 20);
}

TEST_F(RoundsFileTest, WhatDoesNotFollowIsDamage) {
  fs::create_directories(folder_);
  std::ofstream(folder_ / "rounds.jsonl") << ToLine(Offered{1, "v2"}) << "\n";
  EXPECT_EQ(RoundsFile::Open(folder_).error().code, Code::kDataLoss);
  EXPECT_EQ(ReadRounds(folder_).error().code, Code::kDataLoss);
  EXPECT_EQ(ReadRounds(temp_.path).error().code, Code::kNotFound);
}

TEST_F(RoundsFileTest, OneLoopHasTheFolderAndMayBeAskedToEnd) {
  EXPECT_FALSE(RequestStop(folder_));
  {
    auto file = RoundsFile::Open(folder_);
    ASSERT_TRUE(file);
    EXPECT_TRUE(IsLooping(folder_));
    EXPECT_EQ(RoundsFile::Open(folder_).error().code, Code::kFailedPrecondition);
    EXPECT_FALSE(file->TakeStopRequest());
    ASSERT_TRUE(RequestStop(folder_));
    EXPECT_TRUE(file->TakeStopRequest());
    EXPECT_FALSE(file->TakeStopRequest());
    ASSERT_TRUE(RequestStop(folder_));
  }
  EXPECT_FALSE(IsLooping(folder_));
  // what was asked of the one before is not asked of the next
  EXPECT_FALSE(RoundsFile::Open(folder_)->TakeStopRequest());
}

}  // namespace
}  // namespace troupe::learn
