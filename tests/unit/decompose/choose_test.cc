#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "router/decompose/decompose.h"
#include "tests/unit/decompose/toy_vectors.h"

namespace troupe::decompose {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Choosing : public ::testing::Test {
 protected:
  static std::vector<std::string> Skills(const std::vector<Part>& parts) {
    std::vector<std::string> skills;
    for (const Part& part : parts) skills.push_back(part.skill);
    return skills;
  }

  // Every byte of the text in exactly one part, in order.
  static void ExpectCovers(const std::vector<Part>& parts, const std::string& text) {
    std::string whole;
    for (const Part& part : parts) {
      ASSERT_EQ(part.begin, whole.size());
      ASSERT_LT(part.begin, part.end);
      whole += text.substr(part.begin, part.end - part.begin);
      EXPECT_NE(text.substr(part.begin, part.end - part.begin).find(part.text), std::string::npos);
    }
    EXPECT_EQ(whole, text);
  }

  ToySkills toy_;
  Options options_;
};

TEST_F(Choosing, PutsEachRequestUnderItsSkill) {
  const auto parts =
      toy_.Split("The parcel is late. I want a refund and also please change the address", options_).value();
  EXPECT_THAT(Skills(parts), ElementsAre("delivery", "returns", "address"));
  EXPECT_EQ(parts[0].text, "The parcel is late.");
  EXPECT_EQ(parts[1].text, "I want a refund");
  EXPECT_EQ(parts[2].text, "please change the address");
}

TEST_F(Choosing, CutsARunOnWithoutPunctuation) {
  const auto parts = toy_.Split("where is my late parcel how do i get my money refund", options_).value();
  EXPECT_THAT(Skills(parts), ElementsAre("delivery", "returns"));
  EXPECT_EQ(parts[1].text, "how do i get my money refund");
}

TEST_F(Choosing, KeepsAMessageOfOneSkillWhole) {
  const std::string text = "The parcel is late. Where is my parcel? It is a late parcel, and I want the parcel";
  const auto parts = toy_.Split(text, options_).value();
  EXPECT_THAT(Skills(parts), ElementsAre("delivery"));
  EXPECT_EQ(parts[0].text, text);
}

TEST_F(Choosing, JoinsNeighboursOfOneSkillAcrossLongText) {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "The parcel is late and nobody tells me why that is so. ";
  const auto parts = toy_.Split(text, options_).value();
  EXPECT_THAT(Skills(parts), ElementsAre("delivery"));
  ExpectCovers(parts, text);
}

TEST_F(Choosing, LeavesUnmatchedTextToTheDefaultSkill) {
  options_.threshold = 0.6;
  options_.default_skill = "other";
  const auto parts = toy_.Split("What lovely weather we are having today. The parcel is late.", options_).value();
  EXPECT_THAT(Skills(parts), ElementsAre("other", "delivery"));

  // without a default, it keeps the nearest skill
  options_.default_skill.clear();
  const auto kept = toy_.Split("What lovely weather we are having.", options_).value();
  for (const Part& part : kept) {
    EXPECT_NE(part.skill, "other");
    EXPECT_FALSE(part.skill.empty());
  }
}

TEST_F(Choosing, JoinsTheRestToTheLastPartAtTheLimit) {
  options_.max_parts = 2;
  const std::string text = "The parcel is late. I want a refund. The kettle is broken. Change the address.";
  const auto parts = toy_.Split(text, options_).value();
  EXPECT_THAT(Skills(parts), ElementsAre("delivery", "returns"));
  ExpectCovers(parts, text);
}

TEST_F(Choosing, GivesNoPartForABlankText) {
  EXPECT_THAT(toy_.Split("", options_).value(), IsEmpty());
  EXPECT_THAT(toy_.Split(" \n ", options_).value(), IsEmpty());
}

TEST_F(Choosing, GivesOnePartForOneWord) {
  const auto parts = toy_.Split(" refund ", options_).value();
  ASSERT_THAT(parts, SizeIs(1));
  EXPECT_EQ(parts[0].text, "refund");
  ExpectCovers(parts, " refund ");
}

TEST_F(Choosing, RefusesVectorsThatDoNotFit) {
  const std::string text = "The parcel is late. I want a refund.";
  const Candidates candidates = FindCandidates(text, options_);
  std::vector<float> vectors = toy_.Vectors(Texts(text, candidates));
  const SkillIndex index = toy_.Index();
  EXPECT_FALSE(Choose("another text", candidates, vectors, index, options_));
  vectors.pop_back();
  EXPECT_FALSE(Choose(text, candidates, vectors, index, options_));
  vectors.push_back(NAN);
  EXPECT_FALSE(Choose(text, candidates, vectors, index, options_));
}

TEST_F(Choosing, LosesAndRepeatsNothingOfAnyText) {
  static const std::vector<std::string> kPieces = {"parcel",   "late",
                                                   "refund",   "kettle",
                                                   "address",  "and",
                                                   "also",     "how",
                                                   "i",        "my",
                                                   "what",     "?",
                                                   ".",        "!",
                                                   ",",        "\n",
                                                   " ",        "  ",
                                                   "é",        "日本",
                                                   "。",       "？",
                                                   "🙂",       "\t",
                                                   "...",      "'",
                                                   "\"",       "(",
                                                   ")",        "-",
                                                   "\xC2\xA0", "\xFF",
                                                   "\xE3",     std::string(1, '\0')};
  for (uint64_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    std::string text;
    for (size_t n = random() % 120; n > 0; --n) {
      text += kPieces[random() % kPieces.size()];
      if (random() % 2 == 0) text += ' ';
    }
    Options options;
    options.max_parts = 1 + static_cast<int>(random() % 9);
    options.max_spans = 1 + static_cast<int>(random() % 200);
    options.max_span_words = 1 + static_cast<int>(random() % 40);
    options.threshold = static_cast<double>(random() % 100) / 100.0;
    if (random() % 2 == 0) options.default_skill = "other";
    const auto parts = toy_.Split(text, options).value();
    if (parts.empty()) {
      EXPECT_THAT(FindCandidates(text, options).nodes, IsEmpty());
      continue;
    }
    EXPECT_LE(parts.size(), static_cast<size_t>(options.max_parts));
    ExpectCovers(parts, text);
  }
}

}  // namespace
}  // namespace troupe::decompose
