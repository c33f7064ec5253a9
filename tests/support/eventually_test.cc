#include "tests/support/eventually.h"

#include <gmock/gmock.h>

namespace troupe {
namespace {

TEST(Eventually, LooksUntilItIsSo) {
  int looks = 0;
  EXPECT_TRUE(Eventually("five looks", [&] { return ++looks == 5; }));
  EXPECT_EQ(looks, 5);
}

TEST(Eventually, SaysWhatItWaitedForInVain) {
  const auto result = Eventually("pigs fly", [] { return false; }, std::chrono::milliseconds(1));
  EXPECT_FALSE(result);
  EXPECT_STREQ(result.message(), "waited 1 ms in vain until pigs fly");
}

}  // namespace
}  // namespace troupe
