#include "runtime/base/file_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/temp_folder.h"

namespace troupe {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class FileLinesTest : public testing::Test {
 protected:
  Result<std::vector<std::string>> Lines(const std::string& content, size_t max_line_bytes = 1u << 22) const {
    WriteAll(File(), content);
    std::vector<std::string> lines;
    TRY(ForEachLineOf(File(), max_line_bytes, [&](std::string_view line, size_t number) -> Status {
      EXPECT_EQ(number, lines.size() + 1);
      lines.emplace_back(line);
      return {};
    }));
    return lines;
  }
  std::filesystem::path File() const { return folder_.path / "lines"; }

  TempFolder folder_;
};

TEST_F(FileLinesTest, EachLineComesOnceWithItsNumber) {
  EXPECT_THAT(*Lines("a\n\nb"), ElementsAre("a", "", "b"));
  EXPECT_THAT(*Lines("a\n"), ElementsAre("a"));
  EXPECT_THAT(*Lines(""), ElementsAre());
}

TEST_F(FileLinesTest, LinesMayLieAcrossWhatIsReadAtOnce) {
  const std::string long_one(2'500'000, 'x'), short_one(1'000'000, 'y');
  EXPECT_THAT(*Lines(short_one + "\n" + long_one + "\nend"), ElementsAre(short_one, long_one, "end"));
}

TEST_F(FileLinesTest, WhatCannotBeReadIsToldWithItsPlace) {
  EXPECT_EQ(Lines("abc\nabcd\n", 4)->size(), 2u);
  EXPECT_THAT(Lines("abc\nabcde\n", 4).error().message, HasSubstr("lines:2: the line has more than 4 bytes"));
  const auto nothing = [](std::string_view, size_t) -> Status { return {}; };
  EXPECT_EQ(ForEachLineOf(folder_.path / "away", 9, nothing).error().code, Code::kNotFound);
  EXPECT_THAT(ForEachLineOf(folder_.path, 9, nothing).error().message, HasSubstr("no regular file"));
}

TEST_F(FileLinesTest, AnErrorEndsIt) {
  WriteAll(File(), "a\nb\nc\n");
  int taken = 0;
  const Status ended = ForEachLineOf(File(), 9, [&](std::string_view, size_t number) -> Status {
    ++taken;
    return number == 2 ? Status(Cancelled("enough")) : Status();
  });
  EXPECT_EQ(ended.error().message, "enough");
  EXPECT_EQ(taken, 2);
}

}  // namespace
}  // namespace troupe
