#include "runtime/base/lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace troupe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  for (size_t at = 0; const auto line = NextLine(text, at);) lines.emplace_back(*line);
  return lines;
}

TEST(LinesTest, ALineFeedThatEndsATextBeginsNoLine) {
  EXPECT_THAT(LinesOf("one\ntwo\n"), ElementsAre("one", "two"));
  EXPECT_THAT(LinesOf("one\ntwo"), ElementsAre("one", "two"));
}

TEST(LinesTest, EmptyLinesAreLines) {
  EXPECT_THAT(LinesOf("\n\none\n\n"), ElementsAre("", "", "one", ""));
  EXPECT_THAT(LinesOf(""), IsEmpty());
}

}  // namespace
}  // namespace troupe
