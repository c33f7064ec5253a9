#include "runtime/base/error.h"

#include <gtest/gtest.h>

namespace troupe {
namespace {

Result<int> Half(int n) {
  if (n % 2 != 0) return Invalid("odd");
  return n / 2;
}

Result<int> Quarter(int n) {
  TRY_ASSIGN(const int half, Half(n));
  TRY(Half(half));
  return half / 2;
}

TEST(Error, TryPassesTheFirstErrorOn) {
  EXPECT_EQ(Quarter(8).value(), 2);
  EXPECT_EQ(Quarter(6).error().message, "odd");
  EXPECT_EQ(ToString(Quarter(3).error()), "INVALID_ARGUMENT: odd");
}

TEST(Error, NamesGoBothWays) {
  for (int i = 0; i <= 16; ++i) {
    const Code code = static_cast<Code>(i);
    EXPECT_EQ(CodeFromName(CodeName(code)), code);
  }
  EXPECT_EQ(CodeFromName("NO_SUCH"), std::nullopt);
  EXPECT_EQ(CodeName(static_cast<Code>(99)), "UNKNOWN");
}

}  // namespace
}  // namespace troupe
