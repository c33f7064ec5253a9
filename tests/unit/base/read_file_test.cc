#include "runtime/base/read_file.h"

#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"

namespace troupe {
namespace {

class ReadFileTest : public testing::Test {
 protected:
  const TempFolder folder_;
  const std::filesystem::path file_ = folder_.path / "file";
};

TEST_F(ReadFileTest, GivesAllBytesUpToTheLimit) {
  // given
  const std::string bytes("a\0b\r\n", 5);
  WriteAll(file_, bytes);
  // when
  const auto whole = ReadFile(file_, bytes.size());
  const auto beyond = ReadFile(file_, bytes.size() - 1);
  // then
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(*whole, bytes);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code, Code::kResourceExhausted);
  EXPECT_EQ(beyond.error().message, "it has 5 bytes, at most 4 are read");
}

TEST_F(ReadFileTest, SaysWhatIsNoFile) {
  EXPECT_EQ(ReadFile(file_, 1).error().message, "there is no such file");
  EXPECT_EQ(ReadFile(folder_.path, 1).error().message, "it is no regular file");
}

}  // namespace
}  // namespace troupe
