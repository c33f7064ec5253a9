#include "runtime/base/csv.h"

#include <gtest/gtest.h>

namespace troupe {

TEST(Csv, QuotesCommasAndLineBreaks) {
  const auto table = ParseCsv("text,label\r\n\"a, \"\"b\"\"\nc\",x\n\nplain,y");
  ASSERT_TRUE(table) << table.error().message;
  ASSERT_EQ(table->rows.size(), 2u);
  EXPECT_EQ(table->rows[0], (std::vector<std::string>{"a, \"b\"\nc", "x"}));
  EXPECT_EQ(table->rows[1], (std::vector<std::string>{"plain", "y"}));
  EXPECT_EQ(table->lines, (std::vector<int>{2, 5}));
  EXPECT_EQ(table->Column({"category", "label"}).value(), 1u);
  EXPECT_NE(table->Column({"nope"}).error().message.find("text, label"), std::string::npos);
}

TEST(Csv, ErrorsNameTheLine) {
  EXPECT_NE(ParseCsv("a,b\n1,2\n1,2,3\n").error().message.find("line 3"), std::string::npos);
  EXPECT_NE(ParseCsv("a,b\n\"open,2\n").error().message.find("line 2"), std::string::npos);
  EXPECT_FALSE(ParseCsv(""));
}

}  // namespace troupe
