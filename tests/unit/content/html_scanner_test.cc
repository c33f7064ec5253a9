#include "router/content/html_scanner.h"

#include <gtest/gtest.h>

#include "router/content/bind_text.h"

namespace troupe::content {
namespace {

const std::vector<Slot> kSlots = {{.name = "x", .type = SlotType::kText, .max_length = 100},
                                  {.name = "u", .type = SlotType::kUrl, .max_length = 100}};

// The escapes of the slots in order, as "html url", or "refused: ...".
std::string EscapesOf(const std::string& text, OutputKind output = OutputKind::kHtml) {
  const auto parts = BindText(text, kSlots, output);
  if (!parts) return "refused: " + parts.error().message;
  std::string escapes;
  for (const Part& part : *parts) {
    if (!part.slot.empty()) escapes += (escapes.empty() ? "" : " ") + std::string(EscapeName(part.escape));
  }
  return escapes;
}

TEST(HtmlScanner, KnowsHowASlotIsEscapedWhereItStands) {
  EXPECT_EQ(EscapesOf("Hello {{x}} <b>{{x}}</b> a < b {{x}}"), "html html html");
  EXPECT_EQ(EscapesOf("<p title=\"{{x}}\" class='a {{x}}'>{{x}}</p>"), "html html html");
  EXPECT_EQ(EscapesOf("<a href=\"{{u}}\">"), "html");
  EXPECT_EQ(EscapesOf("<a href=\"{{u}}/?q={{x}}\">"), "html url");
  EXPECT_EQ(EscapesOf("<a href=\"https://a.example/{{x}}?b={{x}}&amp;c={{u}}\">"), "url url url");
  EXPECT_EQ(EscapesOf("<a href='/{{x}}'>"), "url");
  EXPECT_EQ(EscapesOf("<a href='mailto:{{x}}'>"), "url");
  EXPECT_EQ(EscapesOf("<A HREF = \"{{u}}\" Title='{{x}}'/>{{x}}"), "html html html");
  EXPECT_EQ(EscapesOf("<script>var a = '<b>';</script>{{x}}<style>p > a {}</style >{{x}}"), "html html");
  EXPECT_EQ(EscapesOf("<img src=\"https://a.example/p.png\" alt=\"{{x}}\"><br/>{{x}}"), "html html");
}

class Refused : public testing::TestWithParam<const char*> {};

TEST_P(Refused, BecauseNoEscapingMakesItSafe) {
  const std::string escapes = EscapesOf(GetParam());
  EXPECT_TRUE(escapes.starts_with("refused: ")) << GetParam() << " -> " << escapes;
}

INSTANTIATE_TEST_SUITE_P(
    Places, Refused,
    testing::Values(
        // code and styles
        "<script>{{x}}</script>", "<script>'{{x}}'</script>", "<style>{{x}}</style>", "<SCRIPT>{{x}}",
        "<p onclick=\"{{x}}\">", "<p ONCLICK='f({{x}})'>", "<p style=\"color:{{x}}\">", "<iframe srcdoc=\"{{x}}\">",
        "<img srcset=\"{{x}} 2x\">", "<p data-onclick=\"{{x}}\">", "<p x:onclick=\"{{x}}\">",
        // tags and names
        "<{{x}}>", "</{{x}}>", "<p {{x}}>", "<p {{x}}=\"1\">", "<p a{{x}}=\"1\">", "<p a {{x}}>", "<p{{x}}>",
        "<p/{{x}}>", "</p {{x}}>", "<p a=\"1\"{{x}}>",
        // values without quotes
        "<p title={{x}}>", "<p title=a{{x}}>", "<p title= {{x}}>", "<a href={{u}}>",
        // where a link leads
        "<a href=\"{{x}}\">", "<a href=\"javascript:{{x}}\">", "<a href=\"JavaScript:{{x}}\">",
        "<a href=\" java\tscript:{{x}}\">", "<a href=\"javascript&colon;{{x}}\">", "<a href=\"https://{{x}}\">",
        "<a href=\"https://a.{{x}}/b\">", "<a href=\"//{{x}}\">", "<a href=\"/\\{{x}}\">", "<a href=\"{{u}}{{x}}\">",
        "<a href=\"{{u}}.evil.example/{{x}}\" title=\"{{x}}\" onfocus=\"{{x}}\">", "<a href=\"data:text/html,{{x}}\">",
        "<form action=\"{{x}}\">", "<p data-url=\"{{x}}\">", "<p my-src=\"{{x}}\">",
        "<a href=\"javascript:alert(1)\">{{x}}</a>", "<a xlink:href=\"{{x}}\">",
        // what runs or speaks for the page
        "<script src=\"{{u}}\"></script>", "<link href=\"{{u}}\">", "<base href=\"{{u}}\">", "<meta content=\"{{x}}\">",
        "<object data=\"{{u}}\">", "<embed src=\"{{u}}\">", "<input type=\"{{x}}\">", "<p id=\"{{x}}\">",
        // what browsers read in more than one way
        "<!-- {{x}} -->", "<!doctype html>{{x}}", "<?php {{x}} ?>", "</ {{x}}>", "<svg>{{x}}</svg>",
        "<svg><style><a onclick=\"</style>{{x}}\">", "<math>{{x}}", "<noscript>{{x}}</noscript>",
        "<textarea>{{x}}</textarea>", "<title>{{x}}</title>", "<xmp>{{x}}", "<script><!--<script></script>{{x}}",
        "<p a=\"b\" =\"{{x}}\">", "<p \"{{x}}\">", "<p a=b\"{{x}}\">", "<p a=b`{{x}}`>",
        // not whole
        "{{x}}<p", "{{x}}<p title=\"", "{{x}}<", "<style>", "<script>f()</scrip>"));

TEST(HtmlScanner, LiteralsThatAreNoFragmentAreRefusedWithoutSlotsToo) {
  EXPECT_TRUE(EscapesOf("<!-- seen by nobody -->").starts_with("refused"));
  EXPECT_TRUE(EscapesOf("<a href=\"javascript:f()\">x</a>").starts_with("refused"));
  EXPECT_EQ(EscapesOf("<svg><path d=\"M0 0\"/></svg>"), "");
}

TEST(JsonText, TakesSlotsInsideStringsOnly) {
  EXPECT_EQ(EscapesOf(R"({"a": "Hi {{x}}", "b": ["{{u}}", 1], "c":{"d":"{{x}}"}})", OutputKind::kJson),
            "json json json");
  for (const char* text : {R"({"a": {{x}}})", R"({{x}})", R"({"a": "\{{x}}"})", R"({"a": "b" {{x}}})",
                           R"({"a": "{{x}}")", "{{x}", R"({"a": "\\" {{x}} "b"})"}) {
    EXPECT_TRUE(EscapesOf(text, OutputKind::kJson).starts_with("refused")) << text;
  }
}

}  // namespace
}  // namespace troupe::content
