#include "router/content/slot_rule.h"

#include <gtest/gtest.h>

namespace troupe::content {
namespace {

// The value as it is filled in, or "refused: why".
std::string Filled(const Slot& slot, std::string_view value, Escape escape = Escape::kNone,
                   std::string_view language = "en") {
  // what a manifest carries must be the same rule
  const auto rule = RuleFromJson(ToJson(RuleOf(slot, language)));
  EXPECT_TRUE(rule);
  std::string out;
  const auto done = AppendValue(*rule, value, escape, out);
  return done ? out : "refused: " + done.error().message;
}

const Slot kText{.name = "note", .type = SlotType::kText, .max_length = 200};
const Slot kName{.name = "first", .type = SlotType::kName, .max_length = 20};
const Slot kUrl{.name = "link", .type = SlotType::kUrl, .max_length = 200, .hosts = {"shop.example"}};

bool IsRefused(const std::string& filled) { return filled.starts_with("refused: slot '"); }

TEST(Values, AreEscapedForWhatStandsAroundThem) {
  const std::string hostile = "<script>alert(\"1\")</script> & 'x' {{first}} \\";
  EXPECT_EQ(Filled(kText, hostile, Escape::kHtml),
            "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt; &amp; &#39;x&#39; {{first}} \\");
  EXPECT_EQ(Filled(kText, hostile, Escape::kJson),
            "\\u003cscript\\u003ealert(\\\"1\\\")\\u003c/script\\u003e \\u0026 'x' {{first}} \\\\");
  EXPECT_EQ(Filled(kText, "a b&c=é/", Escape::kUrlPiece), "a%20b%26c%3D%C3%A9%2F");
  EXPECT_EQ(Filled(kText, hostile), hostile);
  EXPECT_EQ(Filled(kText, "a\nb", Escape::kJson), "a\\nb");
}

TEST(Values, OfAllLanguagesAreTaken) {
  for (const char* name : {"Zoë O'Hara-Smith", "李小龍", "אברהם", "محمد", "Nguyễn Văn A", "Jean-Luc (J. L.)"}) {
    EXPECT_EQ(Filled(kName, name), name);
  }
  // joiners belong to scripts and emoji
  EXPECT_EQ(Filled(kText, "👩‍💻"), "👩‍💻");
}

TEST(Values, ThatAreMoreThanValuesAreRefused) {
  using namespace std::string_view_literals;
  for (const std::string_view value :
       {"a\0b"sv,    "a\tb"sv,     "a\rb"sv,          "\x1b[31m"sv,         "a\x7f"sv,
        "a\u0085"sv, "a\u2028"sv,  "\u202egnp.exe"sv, "\u2066x\u2069"sv,    "\u200f"sv,
        "\u061c"sv,  "a\u200b"sv,  "\ufeffa"sv,       "\U000e0041"sv,       "\uffff"sv,
        "\xff"sv,    "\xc0\xaf"sv, "\xed\xa0\x80"sv,  "\xf4\x90\x80\x80"sv, "\xe2\x82"sv}) {
    EXPECT_TRUE(IsRefused(Filled(kText, value))) << testing::PrintToString(value);
    EXPECT_TRUE(IsRefused(Filled(kName, value))) << testing::PrintToString(value);
  }
  for (const char* value :
       {"<b>", "a@b", "http://x", "{{a}}", "", "   ", "a\nb", "x=y", "a;b", "\"", "123456789012345678901"}) {
    EXPECT_TRUE(IsRefused(Filled(kName, value))) << value;
  }
}

TEST(Values, OfAMegabyteAreRefusedAndCounted) {
  EXPECT_TRUE(IsRefused(Filled(kText, std::string(1 << 20, 'a'))));
  EXPECT_EQ(Filled(kText, std::string(201, 'a')), "refused: slot 'note': has 201 characters, at most 200 are taken");
  // characters, not bytes
  std::string wide;
  for (int i = 0; i < 200; ++i) wide += "é";
  EXPECT_EQ(Filled(kText, wide), wide);
}

TEST(Values, AmountsAreWrittenAsTheLanguageDoes) {
  const Slot euro{.name = "sum", .type = SlotType::kMoney, .max_length = 40, .currency = "EUR"};
  const Slot yen{.name = "sum", .type = SlotType::kMoney, .max_length = 40, .currency = "JPY"};
  const Slot franc{.name = "sum", .type = SlotType::kMoney, .max_length = 40, .currency = "CHF"};
  EXPECT_EQ(Filled(euro, "1234567.5", Escape::kNone, "en"), "€1,234,567.50");
  EXPECT_EQ(Filled(euro, "-1234", Escape::kNone, "de"), "-1.234,00\u00a0€");
  EXPECT_EQ(Filled(euro, "999.99", Escape::kNone, "de-at"), "999,99\u00a0€");
  EXPECT_EQ(Filled(euro, "1000", Escape::kNone, "fr"), "1\u202f000,00\u00a0€");
  EXPECT_EQ(Filled(euro, "5", Escape::kNone, "tlh"), "EUR\u00a05.00");
  EXPECT_EQ(Filled(franc, "5", Escape::kNone, "en"), "CHF\u00a05.00");
  EXPECT_EQ(Filled(yen, "1500", Escape::kNone, "en"), "¥1,500");
  for (const char* bad : {"", "-", ".5", "5.", "5.123", "05", "1,000", "1e3", "NaN", "1 000", "1234567890123", "٣"}) {
    EXPECT_TRUE(IsRefused(Filled(euro, bad))) << bad;
  }
  EXPECT_TRUE(IsRefused(Filled(yen, "1.5")));
}

TEST(Values, DatesAreDaysThatExist) {
  const Slot date{.name = "day", .type = SlotType::kDate, .max_length = 40};
  EXPECT_EQ(Filled(date, "2026-11-29", Escape::kNone, "en"), "November 29, 2026");
  EXPECT_EQ(Filled(date, "2026-03-01", Escape::kNone, "de"), "1. März 2026");
  EXPECT_EQ(Filled(date, "2024-02-29", Escape::kNone, "en-gb"), "29 February 2024");
  EXPECT_EQ(Filled(date, "2026-11-29", Escape::kNone, "tlh"), "2026-11-29");
  for (const char* bad : {"2026-02-29", "2026-13-01", "2026-00-10", "26-1-1", "2026/11/29", "today", ""}) {
    EXPECT_TRUE(IsRefused(Filled(date, bad))) << bad;
  }
}

TEST(Values, UrlsLeadWhereTheyMay) {
  EXPECT_EQ(Filled(kUrl, "https://shop.example/a?b=c&d=%20", Escape::kHtml), "https://shop.example/a?b=c&amp;d=%20");
  EXPECT_EQ(Filled(kUrl, "http://shop.example:8080"), "http://shop.example:8080");
  for (const char* bad :
       {"javascript:alert(1)", "//shop.example", "https://evil.example", "https://shop.example@evil.example/",
        "https://shop.example.evil.example", "https://", "ftp://shop.example", "https://shop.example/\"",
        "https://shop.example/ x", "https://shop.example\\@evil.example", "HTTPS://shop.example", "https://é"}) {
    EXPECT_TRUE(IsRefused(Filled(kUrl, bad))) << bad;
  }
}

TEST(Values, OfAChoiceAreOneOfThem) {
  const Slot tone{.name = "tone", .type = SlotType::kChoice, .max_length = 40, .choices = {"warm", "brief"}};
  EXPECT_EQ(Filled(tone, "warm"), "warm");
  EXPECT_TRUE(IsRefused(Filled(tone, "Warm")));
}

TEST(Rules, FromAManifestThatNoPublishingWroteAreRefused) {
  for (const char* json :
       {"null", "{}", R"({"name":"a","type":"poem","max":1})", R"({"name":"a","type":"text","max":"1"})",
        R"({"name":"a","type":"text","max":0})", R"({"name":"a","type":"money","max":9})",
        R"({"name":"a","type":"date","max":9,"date":{"pattern":"{m}","months":["x"]}})"}) {
    const auto rule = RuleFromJson(Value::parse(json));
    ASSERT_FALSE(rule) << json;
    EXPECT_EQ(rule.error().code, Code::kDataLoss);
  }
}

}  // namespace
}  // namespace troupe::content
