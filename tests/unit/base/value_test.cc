#include "runtime/base/value.h"

#include <gtest/gtest.h>

namespace troupe {

TEST(Value, DumpIsCanonical) {
  const auto value = ParseValue(R"( {"b": 1, "a": [true, null, "é"]} )");
  ASSERT_TRUE(value);
  EXPECT_EQ(Dump(*value), R"({"a":[true,null,"é"],"b":1})");
}

TEST(Value, DumpGivesWhatTheLibraryGives) {
  // given every kind of value, with texts that need care
  const Value value{
      {"empty", {{"o", Value::object()}, {"l", Value::array()}, {"s", ""}}},
      {"numbers", {0, -1, 12345678901234, 18446744073709551615u, 0.1, 1e300, -0.0}},
      {"odd \"key\"\n", {"back\\slash", "tab\t", std::string("\0\x1f", 2), "\x7f", "é😀", "broken \xff\xc3"}},
      {"rest", {true, false, nullptr}}};
  // then ours is the library's own
  EXPECT_EQ(Dump(value), value.dump(-1, ' ', false, Value::error_handler_t::replace));
}

TEST(Value, RefusesWhatCouldMeanTwoThings) {
  EXPECT_EQ(ParseValue(R"({"a": 1, "a": 2})").error().code, Code::kInvalidArgument);
  EXPECT_TRUE(ParseValue(R"([{"a": 1}, {"a": 2}])"));
  EXPECT_FALSE(ParseValue("{"));
  EXPECT_FALSE(ParseValue("\"\xff\""));
}

TEST(Value, RefusesTooLargeAndTooDeep) {
  EXPECT_FALSE(ParseValue("[1,2,3]", {.max_bytes = 3}));
  EXPECT_TRUE(ParseValue("[[1]]", {.max_depth = 2}));
  EXPECT_FALSE(ParseValue("[[[1]]]", {.max_depth = 2}));
  EXPECT_FALSE(ParseValue(std::string(100'000, '[')));
}

// Right texts go one way and wrong ones another: both must mean the same.
TEST(Value, ReadsWhatTheLibraryReads) {
  const char* right[] = {"0",
                         "-0",
                         "-1",
                         "18446744073709551615",
                         "-9223372036854775808",
                         "1.0",
                         "1e-7",
                         "1E400",
                         "123456789012345678901234567890",
                         "\"\\u00e9\\ud83d\\ude00\"",
                         "[]",
                         "{}",
                         " [ 1 , {\"z\":[ ],\"a\":null} ] "};
  for (const char* text : right) {
    const auto value = ParseValue(text);
    const Value expected = Value::parse(text, nullptr, false);
    ASSERT_EQ(value.has_value(), !expected.is_discarded()) << text;
    if (!value) continue;
    EXPECT_EQ(*value, expected) << text;
    EXPECT_EQ(value->is_number_float(), expected.is_number_float()) << text;
  }
}

TEST(Value, RefusesWhatTheLibraryRefuses) {
  for (const char* text : {"", " ", "01", "1.", "+1", "nul", "[1,]", "{\"a\":}", "{a:1}", "\"\\x\"", "\"\\ud800\"",
                           "[1] 2", "\"tab\t\"", "NaN", "\xef\xbb\xbf" "1x"}) {
    EXPECT_FALSE(ParseValue(text)) << text;
  }
  // the reason comes with the place
  EXPECT_NE(ParseValue(R"({"a": tru})").error().message.find("column"), std::string::npos);
}

TEST(Value, ReadsLongListsAndLargeTexts) {
  const Value list(std::vector<int>(300'000, 7));
  const auto value = ParseValue(list.dump());
  ASSERT_TRUE(value);
  EXPECT_EQ(*value, list);
}

}  // namespace troupe
