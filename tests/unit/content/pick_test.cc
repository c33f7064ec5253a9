#include "router/content/pick.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "runtime/base/value.h"
#include "tests/support/places.h"

namespace troupe::content {
namespace {

std::vector<Candidate> Candidates(const std::vector<int64_t>& weights) {
  std::vector<Candidate> candidates;
  for (size_t i = 0; i < weights.size(); ++i) candidates.push_back({HashOf("set/t" + std::to_string(i)), weights[i]});
  return candidates;
}

std::vector<size_t> Picks(const std::vector<Candidate>& candidates, int users = 20'000) {
  std::vector<size_t> picks;
  for (int i = 0; i < users; ++i) picks.push_back(Pick(candidates, "user-" + std::to_string(i)));
  return picks;
}

double Share(const std::vector<size_t>& picks, size_t of) {
  return static_cast<double>(std::count(picks.begin(), picks.end(), of)) / static_cast<double>(picks.size());
}

// make_pick_vectors.py works them out by itself; the browser module's test reads them too.
TEST(Pick, IsWhatTheVectorsSay) {
  // given
  std::ifstream stream(SourcePath("tests/unit/content/pick_vectors.json"));
  const Value vectors = Value::parse(stream);
  // when, then
  for (const Value& hash : vectors["hashes"]) EXPECT_EQ(HashOf(hash[0].get<std::string>()), hash[1].get<uint32_t>());
  ASSERT_EQ(vectors["picks"].size(), 410u);
  for (const Value& one : vectors["picks"]) {
    std::vector<Candidate> candidates;
    for (const Value& text : one["texts"]) {
      candidates.push_back({HashOf(one["set"].get<std::string>() + "/" + text[0].get<std::string>()), text[1]});
    }
    EXPECT_EQ(Pick(candidates, one["user"].get<std::string>()), one["pick"].get<size_t>()) << one;
  }
}

TEST(Pick, GivesTextsByTheirWeights) {
  const auto picks = Picks(Candidates({1, 2, 5, 0}));
  EXPECT_NEAR(Share(picks, 0), 0.125, 0.01);
  EXPECT_NEAR(Share(picks, 1), 0.250, 0.01);
  EXPECT_NEAR(Share(picks, 2), 0.625, 0.01);
  EXPECT_EQ(Share(picks, 3), 0.0);
}

TEST(Pick, MovesOnlyThoseWhoMustMove) {
  // given
  const auto before = Picks(Candidates({1, 1, 1}));
  // when: the first text's weight doubles, and a fourth text comes
  const auto heavier = Picks(Candidates({2, 1, 1}));
  const auto joined = Picks(Candidates({1, 1, 1, 1}));
  // then
  for (size_t i = 0; i < before.size(); ++i) {
    if (heavier[i] != before[i]) {
      EXPECT_EQ(heavier[i], 0u);
    }
    if (joined[i] != before[i]) {
      EXPECT_EQ(joined[i], 3u);
    }
  }
  EXPECT_NEAR(Share(heavier, 0), 0.5, 0.01);
  EXPECT_NEAR(Share(joined, 3), 0.25, 0.01);
}

TEST(Pick, OfOneTextIsThatText) {
  EXPECT_EQ(Pick(Candidates({1}), ""), 0u);
  EXPECT_EQ(Pick(Candidates({0, 7}), std::string(100'000, 'x')), 1u);
}

}  // namespace
}  // namespace troupe::content
