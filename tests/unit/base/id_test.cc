#include "runtime/base/id.h"

#include <gtest/gtest.h>

#include <regex>

namespace troupe {

TEST(Id, Uuid7HasItsVersionAndSortsByTime) {
  const std::string early = MakeUuid7(1'700'000'000'000, ~0ull, ~0ull);
  const std::string late = MakeUuid7(1'700'000'000'001, 0, 0);
  EXPECT_LT(early, late);
  const std::regex form("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  EXPECT_TRUE(std::regex_match(early, form)) << early;
  EXPECT_TRUE(std::regex_match(NewUuid7(), form));
  EXPECT_NE(NewUuid7(), NewUuid7());
}

}  // namespace troupe
