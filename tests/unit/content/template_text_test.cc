#include "router/content/template_text.h"

#include <gtest/gtest.h>

#include <random>

namespace troupe::content {
namespace {

std::string Joined(const std::vector<Segment>& segments) {
  std::string text;
  for (const Segment& segment : segments) {
    text += segment.kind == Segment::Kind::kSlot ? "{{" + segment.text + "}}" : segment.text;
  }
  return text;
}

TEST(TemplateText, IsTakenApartIntoLiteralsAndSlots) {
  // when
  const auto segments = ParseTemplate("{{a}}{{b_2}} and { more }, {{a}}");
  // then
  ASSERT_TRUE(segments);
  ASSERT_EQ(segments->size(), 4u);
  EXPECT_EQ((*segments)[2].text, " and { more }, ");
  EXPECT_EQ(SlotsIn(*segments), (std::vector<std::string>{"a", "b_2", "a"}));
}

TEST(TemplateText, AnythingElseInDoubleBracesIsRefusedWithWhatToWrite) {
  for (const char* text :
       {"{{ a }}", "{{}}", "{{a", "a}}", "{{a.b}}", "{{{a}}}", "{{#if a}}", "{{1a}}", "{{a|upper}}", "{{a\n}}"}) {
    // when
    const auto segments = ParseTemplate(text);
    // then
    ASSERT_FALSE(segments) << text;
    EXPECT_NE(segments.error().message.find("{{name}}"), std::string::npos) << segments.error().message;
  }
}

TEST(TemplateText, ClosingBracesStandForThemselvesWhereJsonMayHaveThem) {
  const auto segments = ParseTemplate(R"({"a":{"b":"{{x}}"}})", ClosingBraces::kAllowed);
  ASSERT_TRUE(segments);
  EXPECT_EQ(segments->back().text, "\"}}");
}

TEST(TemplateText, WhateverIsTakenCanBePutTogetherAgain) {
  constexpr std::string_view kAlphabet = "{}ab \n\xc3\xa9";
  for (unsigned seed = 1; seed <= 3000; ++seed) {
    // given
    std::mt19937 random(seed);
    std::string text;
    for (size_t i = random() % 30; i > 0; --i) text += kAlphabet[random() % kAlphabet.size()];
    // when
    const auto segments = ParseTemplate(text);
    // then
    if (segments) {
      EXPECT_EQ(Joined(*segments), text) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace troupe::content
