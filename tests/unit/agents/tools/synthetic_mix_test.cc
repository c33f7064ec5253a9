#include "agents/tools/synthetic_mix.h"

#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "runtime/base/value.h"

namespace troupe::tools {
namespace {

std::vector<Value> Read(const std::string& lines) {
  std::vector<Value> rows;
  std::istringstream input(lines);
  for (std::string line; std::getline(input, line);) rows.push_back(*ParseValue(line));
  return rows;
}

class SyntheticMixTest : public testing::Test {
 protected:
  SyntheticMixTest() {
    for (int i = 0; i < 10; ++i) real_.push_back({"real " + std::to_string(i), i % 2 == 0 ? "a" : "b", ""});
    for (int i = 0; i < 40; ++i) {
      const std::string label = i % 4 == 0 ? "b" : "a";  // 30 of a, 10 of b
      written_.push_back({"kept " + std::to_string(i), label, 0.5, Verdict::kKept});
      written_.push_back({"dropped " + std::to_string(i), label, 0.5, Verdict::kUnsure});
    }
  }
  std::vector<train::LabelledText> real_;
  std::vector<SyntheticText> written_;
};

TEST_F(SyntheticMixTest, TheShareIsOfAllTextsAndEachLabelHasAsMany) {
  // when half of all are to be synthetic, beside ten real texts
  const MixedTexts mixed = Mix(real_, written_, 0.5, 1);
  // then ten are, five of each label, and all real ones are there
  std::map<std::string, int> counts;
  for (const Value& row : Read(mixed.lines)) {
    const bool is_synthetic = row["synthetic"];
    ++counts[(is_synthetic ? "synthetic " : "real ") + row["label"].get<std::string>()];
    EXPECT_EQ(row["text"].get<std::string>().substr(0, 4), is_synthetic ? "kept" : "real");
  }
  EXPECT_EQ(counts, (std::map<std::string, int>{{"real a", 5}, {"real b", 5}, {"synthetic a", 5}, {"synthetic b", 5}}));
  EXPECT_EQ(mixed.real, 10u);
  EXPECT_EQ(mixed.synthetic, 10u);
  EXPECT_EQ(mixed.share(), 0.5);
  // 0.8 of fifty texts is forty, which is all there are, and so is more
  EXPECT_EQ(Mix(real_, written_, 0.8, 1).synthetic, 40u);
  EXPECT_EQ(Mix(real_, written_, 0.99, 1).synthetic, 40u);
  EXPECT_EQ(Mix(real_, written_, 0.05, 1).synthetic, 0u);
}

TEST_F(SyntheticMixTest, TheSeedDecidesWhichAndTheirOrder) {
  EXPECT_EQ(Mix(real_, written_, 0.5, 1).lines, Mix(real_, written_, 0.5, 1).lines);
  EXPECT_NE(Mix(real_, written_, 0.5, 1).lines, Mix(real_, written_, 0.5, 2).lines);
}

TEST_F(SyntheticMixTest, WhatWasKeptIsALineEach) {
  const auto rows = Read(KeptLines(written_));
  ASSERT_EQ(rows.size(), 40u);
  EXPECT_EQ(rows[1], (Value{{"text", "kept 1"}, {"label", "a"}, {"confidence", 0.5}}));
}

}  // namespace
}  // namespace troupe::tools
