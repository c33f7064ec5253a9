#include "agents/redact/private_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace troupe::redact {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr Sort kAll[] = {Sort::kEmail, Sort::kPhone, Sort::kCard, Sort::kIban};

// "email:ann@example.org" for each finding.
std::vector<std::string> Find(std::string_view text, std::span<const Sort> sorts = kAll) {
  std::vector<std::string> found;
  for (const Finding& finding : FindPrivateData(text, sorts)) {
    found.push_back(std::string(Name(finding.sort)) + ":" +
                    std::string(text.substr(finding.begin, finding.end - finding.begin)));
  }
  return found;
}

TEST(PrivateData, EmailAddresses) {
  EXPECT_THAT(Find("write to ann.o'neil+shop@mail.example.org, please."),
              ElementsAre("email:ann.o'neil+shop@mail.example.org"));
  EXPECT_THAT(Find("<bob@example.co.uk>"), ElementsAre("email:bob@example.co.uk"));
  EXPECT_THAT(Find("a@b.cd e@f.gh"), ElementsAre("email:a@b.cd", "email:e@f.gh"));
  for (const char* text : {"@ann", "ann@", "ann@home", "ann@example.", "ann@example..org", "at 5 @ noon.", "a.@b.cd",
                           "ann@example.c", "ann@1.2.3.4"}) {
    EXPECT_THAT(Find(text), IsEmpty()) << text;
  }
}

TEST(PrivateData, CardNumbersHaveARightCheckDigit) {
  EXPECT_THAT(Find("card 4111 1111 1111 1111 is charged"), ElementsAre("card:4111 1111 1111 1111"));
  EXPECT_THAT(Find("5500-0000-0000-0004."), ElementsAre("card:5500-0000-0000-0004"));
  EXPECT_THAT(Find("378282246310005"), ElementsAre("card:378282246310005"));
  EXPECT_THAT(Find("4111 1111 1111 1112"), IsEmpty());
  EXPECT_THAT(Find("x4111111111111111"), IsEmpty()) << "a word";
  EXPECT_THAT(Find("41111111111111110000000000000000"), IsEmpty()) << "too long";
}

TEST(PrivateData, PhoneNumbersBeginWithPlusOrZero) {
  EXPECT_THAT(Find("call +44 (0)20 7946-0958 or 0113 496 0123."),
              ElementsAre("phone:+44 (0)20 7946-0958", "phone:0113 496 0123"));
  for (const char* text :
       {"order 48213", "order 4821373", "on 12 May 2026", "+1 234", "48213 and 51877", "1 + 12345678"}) {
    EXPECT_THAT(Find(text), IsEmpty()) << text;
  }
}

TEST(PrivateData, AccountNumbersHaveRightCheckDigits) {
  EXPECT_THAT(Find("to GB29 NWBK 6016 1331 9268 19 please"), ElementsAre("iban:GB29 NWBK 6016 1331 9268 19"));
  EXPECT_THAT(Find("DE89370400440532013000"), ElementsAre("iban:DE89370400440532013000"));
  EXPECT_THAT(Find("DE88370400440532013000"), IsEmpty());
  EXPECT_THAT(Find("GB29 NWBK 6016 1331 9268 19 4 items"), ElementsAre("iban:GB29 NWBK 6016 1331 9268 19"));
}

TEST(PrivateData, OnlyWhatIsAskedForIsFound) {
  const Sort phones[] = {Sort::kPhone};
  EXPECT_THAT(Find("a@b.cd +44 20 7946 0958", phones), ElementsAre("phone:+44 20 7946 0958"));
  EXPECT_THAT(Find("a@b.cd +44 20 7946 0958", {}), IsEmpty());
}

TEST(PrivateData, MarksAreTheSameForTheSameValue) {
  // given
  const std::string text = "a@b.cd, e@f.gh and a@b.cd, +44 20 7946 0958";
  // when
  const Redacted redacted = PutMarks(text, FindPrivateData(text, kAll));
  // then
  EXPECT_EQ(redacted.text, "[email 1], [email 2] and [email 1], [phone 1]");
  EXPECT_THAT(redacted.marks, ElementsAre(Pair("[email 1]", "a@b.cd"), Pair("[email 2]", "e@f.gh"),
                                          Pair("[phone 1]", "+44 20 7946 0958")));
}

TEST(PrivateData, MarksThatStandInTheTextAreNotUsedAgain) {
  const std::string text = "[email 7] [email x] [email 99999999999] a@b.cd";
  const Redacted redacted = PutMarks(text, FindPrivateData(text, kAll));
  EXPECT_THAT(redacted.text, HasSubstr("[email 8]"));
  EXPECT_EQ(redacted.marks.size(), 1u);
}

// Whatever the text: findings are in order, inside of it, and putting values back in place of marks gives it again.
TEST(PrivateData, AnyTextComesBack) {
  const std::string_view alphabet[] = {
      "a",      "@",         ".",        "1", "0", "+", " ", "-", "GB29NWBK60161331926819", "4111111111111111",
      "a@b.cd", "[email 1]", "\xc3\xa9", "("};
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    // given
    std::mt19937 random(seed);
    std::string text;
    for (uint32_t i = random() % 40; i > 0; --i) text += alphabet[random() % std::size(alphabet)];
    // when
    const auto findings = FindPrivateData(text, kAll);
    // then
    size_t end = 0;
    std::string back;
    const Redacted redacted = PutMarks(text, findings);
    for (const Finding& finding : findings) {
      ASSERT_TRUE(finding.begin >= end && finding.end > finding.begin && finding.end <= text.size()) << "seed " << seed;
      end = finding.end;
    }
    for (size_t at = 0; at < redacted.text.size();) {
      const size_t close = redacted.text[at] == '[' ? redacted.text.find(']', at) : std::string::npos;
      const auto mark = close == std::string::npos ? redacted.marks.end()
                                                   : redacted.marks.find(redacted.text.substr(at, close + 1 - at));
      if (mark == redacted.marks.end()) {
        back += redacted.text[at++];
      } else {
        back += mark->second;
        at = close + 1;
      }
    }
    ASSERT_EQ(back, text) << "seed " << seed;
  }
}

TEST(PrivateData, HostileTextsTakeNoLongerThanTheirLength) {
  for (const std::string_view piece : {"a@", "1 ", "+1(", "GB29", "a@b.cd ", "[email 1"}) {
    std::string text;
    while (text.size() < 4u << 20) text += piece;
    const Redacted redacted = PutMarks(text, FindPrivateData(text, kAll));
    EXPECT_FALSE(redacted.text.empty());
  }
}

}  // namespace
}  // namespace troupe::redact
