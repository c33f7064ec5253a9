#include "runtime/engine/sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

namespace troupe::engine {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TokenId SampleOne(const SamplingParams& params, std::vector<float> logits, int64_t position = 0) {
  auto token = Sampler(params).Sample(logits, std::nullopt, position);
  EXPECT_TRUE(token) << ToString(token.error());
  return token ? token->id : -1;
}

// How often each token comes out over many positions.
std::map<TokenId, int> Histogram(const SamplingParams& params, const std::vector<float>& logits, int draws) {
  std::map<TokenId, int> counts;
  for (int i = 0; i < draws; ++i) ++counts[SampleOne(params, logits, i)];
  return counts;
}

TEST(SamplerTest, WithoutTemperatureTheLikeliestWinsAndTiesGoToTheLowerId) {
  EXPECT_EQ(SampleOne({}, {1, 3, 2}), 1);
  EXPECT_EQ(SampleOne({}, {1, 3, 3}), 1);
}

TEST(SamplerTest, DrawsFollowTheDistribution) {
  // Probabilities 0.5, 0.3, 0.2.
  const std::vector<float> logits{std::log(5.0f), std::log(3.0f), std::log(2.0f)};
  constexpr int kDraws = 20'000;
  auto counts = Histogram({.temperature = 1, .seed = 5}, logits, kDraws);
  // Four standard deviations of a binomial.
  EXPECT_NEAR(counts[0], 0.5 * kDraws, 4 * std::sqrt(kDraws * 0.25));
  EXPECT_NEAR(counts[1], 0.3 * kDraws, 4 * std::sqrt(kDraws * 0.21));
  EXPECT_NEAR(counts[2], 0.2 * kDraws, 4 * std::sqrt(kDraws * 0.16));
}

TEST(SamplerTest, TemperatureSharpensTheDistribution) {
  const std::vector<float> logits{std::log(2.0f), std::log(1.0f)};
  // At one half the odds are squared: 4 to 1.
  EXPECT_NEAR(Histogram({.temperature = 0.5f, .seed = 1}, logits, 10'000)[0], 8000, 160);
}

TEST(SamplerTest, TheDrawDependsOnSeedAndPositionOnly) {
  const std::vector<float> logits(50, 0.0f);
  const SamplingParams params{.temperature = 1, .seed = 3};
  EXPECT_EQ(SampleOne(params, logits, 7), SampleOne(params, logits, 7));
  std::map<TokenId, int> by_seed;
  for (uint64_t seed = 0; seed < 100; ++seed) ++by_seed[SampleOne({.temperature = 1, .seed = seed}, logits, 7)];
  EXPECT_GT(by_seed.size(), 20u);
}

TEST(SamplerTest, TopKTopPAndMinPCutTheTail) {
  const std::vector<float> logits{std::log(0.5f), std::log(0.3f), std::log(0.15f), std::log(0.05f)};
  EXPECT_EQ(Histogram({.temperature = 1, .top_k = 2}, logits, 2000).size(), 2u);
  EXPECT_EQ(Histogram({.temperature = 1, .top_p = 0.75f}, logits, 2000).size(), 2u);
  EXPECT_EQ(Histogram({.temperature = 1, .top_p = 0.85f}, logits, 2000).size(), 3u);
  EXPECT_EQ(Histogram({.temperature = 1, .min_p = 0.2f}, logits, 2000).size(), 3u);
  EXPECT_EQ(Histogram({.temperature = 1, .min_p = 1}, logits, 200).size(), 1u);
  EXPECT_EQ(Histogram({.temperature = 1}, logits, 2000).size(), 4u);
}

TEST(SamplerTest, RepeatPenaltyPushesDownWhatWasSeenInTheWindow) {
  Sampler sampler({.repeat_penalty = 2, .repeat_window = 2});
  for (TokenId id : {0, 1, 2}) sampler.AddPrompt(id);
  std::vector<float> logits{4, 5, -1, 3.9f, -1.5f};
  // 0 has left the window; 1 is halved.
  EXPECT_EQ(sampler.Sample(logits, std::nullopt, 0)->id, 0);
  Sampler negative({.repeat_penalty = 2, .repeat_window = 0});
  negative.AddPrompt(0);
  std::vector<float> below{-1, -1.5f};
  EXPECT_EQ(negative.Sample(below, std::nullopt, 0)->id, 1);
}

TEST(SamplerTest, PresenceAndFrequencyCountGeneratedTokensOnly) {
  Sampler presence({.presence_penalty = 1});
  presence.AddPrompt(0);
  std::vector<float> logits{2, 1.5f};
  EXPECT_EQ(presence.Sample(logits, std::nullopt, 0)->id, 0);
  presence.AddGenerated(0);
  logits = {2, 1.5f};
  EXPECT_EQ(presence.Sample(logits, std::nullopt, 1)->id, 1);

  Sampler frequency({.frequency_penalty = 0.3f});
  frequency.AddGenerated(0);
  logits = {2, 1.5f};
  EXPECT_EQ(frequency.Sample(logits, std::nullopt, 1)->id, 0);
  frequency.AddGenerated(0);
  logits = {2, 1.5f};
  EXPECT_EQ(frequency.Sample(logits, std::nullopt, 2)->id, 1);
}

TEST(SamplerTest, TheMaskRulesAndIdsBeyondItAreForbidden) {
  std::vector<float> logits(40, 0.0f);
  logits[39] = 9;
  logits[3] = 5;
  const std::vector<uint32_t> mask{(1u << 4) | (1u << 6)};
  for (const float temperature : {0.0f, 1.0f}) {
    std::vector<float> copy = logits;
    copy[6] = 1;
    EXPECT_EQ(Sampler({.temperature = temperature, .top_k = 1}).Sample(copy, std::span(mask), 0)->id, 6);
  }
  const std::vector<uint32_t> nothing{0};
  EXPECT_FALSE(Sampler({}).Sample(logits, std::span(nothing), 0));
  EXPECT_FALSE(Sampler({.temperature = 1}).Sample(logits, std::span(nothing), 0));
}

TEST(SamplerTest, LogitsThatAreNoNumbersAreAnError) {
  for (const float bad : {std::nanf(""), kInfinity}) {
    std::vector<float> logits{0, bad, 1};
    const auto token = Sampler({}).Sample(logits, std::nullopt, 0);
    ASSERT_FALSE(token);
    EXPECT_EQ(token.error().code, Code::kInternal);
  }
  std::vector<float> nothing(3, -kInfinity);
  EXPECT_FALSE(Sampler({}).Sample(nothing, std::nullopt, 0));
}

TEST(SamplerTest, LogprobsAreBeforePenaltiesAndMask) {
  Sampler sampler({.presence_penalty = 5, .logprobs = 2});
  sampler.AddGenerated(0);
  std::vector<float> logits{std::log(0.6f), std::log(0.3f), std::log(0.1f)};
  const auto token = sampler.Sample(logits, std::nullopt, 1);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->id, 1);
  EXPECT_NEAR(token->logprob, std::log(0.3), 1e-5);
  ASSERT_EQ(token->top.size(), 2u);
  EXPECT_EQ(token->top[0].id, 0);
  EXPECT_NEAR(token->top[0].logprob, std::log(0.6), 1e-5);
}

}  // namespace
}  // namespace troupe::engine
