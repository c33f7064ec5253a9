#include "runtime/model/replace_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"

namespace troupe::model {
namespace {

namespace fs = std::filesystem;

class ReplaceFolderTest : public testing::Test {
 protected:
  fs::path Path(const std::string& name) const { return folder_.path / name; }
  void Fill(const std::string& name, const std::string& text) const {
    fs::create_directories(Path(name));
    WriteAll(Path(name) / "text", text);
  }
  std::string In(const std::string& name) const { return ReadAll(Path(name) / "text"); }
  // All that is there, by name.
  std::vector<std::string> There() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.path)) names.push_back(entry.path().filename().string());
    return names;
  }
  Status Replace(const std::string& text) const {
    return ReplaceFolder(Path("it"), [&](const fs::path& part) -> Status {
      WriteAll(part / "text", text);
      return {};
    });
  }

  TempFolder folder_;
};

TEST_F(ReplaceFolderTest, TheNewOneIsInPlaceOfTheOldOneAndNothingElseIsLeft) {
  Fill("it", "old");
  ASSERT_TRUE(Replace("new"));
  EXPECT_EQ(In("it"), "new");
  EXPECT_THAT(There(), testing::ElementsAre("it"));
}

TEST_F(ReplaceFolderTest, WhatCannotBeWrittenChangesNothing) {
  Fill("it", "old");
  const Status failed = ReplaceFolder(Path("it"), [](const fs::path&) -> Status { return Exhausted("full"); });
  EXPECT_EQ(failed.error().code, Code::kResourceExhausted);
  EXPECT_EQ(In("it"), "old");
  EXPECT_THAT(There(), testing::ElementsAre("it"));
}

TEST_F(ReplaceFolderTest, ByMovesItIsTheSame) {
  Fill("it", "old");
  Fill("it.part", "new");
  Fill("it.old", "older");
  TakePlaceByMoves(Path("it.part"), Path("it"), Path("it.old"));
  EXPECT_EQ(In("it"), "new");
  EXPECT_THAT(There(), testing::ElementsAre("it"));
}

TEST_F(ReplaceFolderTest, WhereTheSecondMoveFailsTheOldOneIsBack) {
  Fill("it", "old");
  EXPECT_THROW(TakePlaceByMoves(Path("gone"), Path("it"), Path("it.old")), fs::filesystem_error);
  EXPECT_EQ(In("it"), "old");
}

TEST_F(ReplaceFolderTest, WhatARunThatWasKilledLeftIsCleared) {
  Fill("it.old", "older");
  ASSERT_TRUE(Replace("new"));
  EXPECT_THAT(There(), testing::ElementsAre("it"));
}

}  // namespace
}  // namespace troupe::model
