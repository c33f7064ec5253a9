#include "router/cli/content/make_screen.h"

#include <gtest/gtest.h>

#include "router/cli/content/task_rate.h"

namespace troupe::cli {
namespace {

TEST(DescribeMake, SaysHowFarItIsAndWhatIsLeft) {
  EXPECT_EQ(DescribeMake({.wanted = 40}, 0, 1'000), "0 of 40 texts  [--------------------] 0%");
  EXPECT_EQ(DescribeMake({.wanted = 40, .made = 9, .unmade = 1, .again = 2}, 1'204, 20'000),
            "9 of 40 texts  [#####---------------] 25%  2 again, 1 not made  1,204 tokens  1 min 00 s left");
  EXPECT_EQ(DescribeMake({.wanted = 1, .made = 1}, 7, 20'000), "1 of 1 text  [####################] 100%  7 tokens");
  EXPECT_EQ(DescribeMake({}, 0, 0), "0 of 0 texts");
}

TEST(TaskRate, SpreadsTasksEvenly) {
  auto rate = TaskRate::Parse("30/min");
  ASSERT_TRUE(rate);
  EXPECT_TRUE(rate->Allows(5));
  rate->Count(5);
  EXPECT_FALSE(rate->Allows(5 + 1'999'999'999));
  EXPECT_TRUE(rate->Allows(5 + 2'000'000'000));
  auto none = TaskRate::Parse("");
  ASSERT_TRUE(none);
  none->Count(5);
  EXPECT_TRUE(none->Allows(5));
  for (const char* wrong : {"5", "0/s", "-1/s", "x/s", "5/h", "/s", "5/"})
    EXPECT_FALSE(TaskRate::Parse(wrong)) << wrong;
}

}  // namespace
}  // namespace troupe::cli
