#include "runtime/base/names.h"

#include <gtest/gtest.h>

namespace troupe {
namespace {

TEST(Names, AreJoinedWithWhatStandsBetweenThem) {
  EXPECT_EQ(Joined({}, " or "), "");
  EXPECT_EQ(Joined({"a"}, " or "), "a");
  EXPECT_EQ(Joined({"a", "b", "c"}, " or "), "a or b or c");
}

}  // namespace
}  // namespace troupe
