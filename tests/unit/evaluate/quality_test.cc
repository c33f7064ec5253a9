#include "runtime/evaluate/quality.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/evaluate/scripted_decoder.h"

namespace troupe::evaluate {
namespace {

constexpr int64_t kVocab = 50;

const auto kUniform = [](int32_t, std::span<float> row) { std::fill(row.begin(), row.end(), 3.5f); };

std::vector<Quality> Qualities(std::vector<ScriptedDecoder*> scripted, const std::vector<std::vector<int32_t>>& texts) {
  std::vector<model::Decoder*> decoders(scripted.begin(), scripted.end());
  auto qualities = Compare(decoders, texts, [](double) {});
  EXPECT_TRUE(qualities) << ToString(qualities.error());
  return *qualities;
}

const std::vector<std::vector<int32_t>> kTexts{{1, 2, 3, 4}, {7, 8, 9}};

TEST(Quality, AModelThatKnowsNothingHasThePerplexityOfItsVocabulary) {
  ScriptedDecoder model(kVocab, kUniform);
  const Quality quality = Qualities({&model}, kTexts)[0];
  EXPECT_EQ(quality.tokens, 5);
  EXPECT_NEAR(quality.perplexity, kVocab, 1e-3);
  EXPECT_NEAR(quality.surprise, std::log(kVocab), 1e-6);
  EXPECT_EQ(quality.agreement, 1);
  EXPECT_EQ(quality.divergence, 0);
}

TEST(Quality, AModelThatKnowsTheNextTokenHasAPerplexityOfOne) {
  const auto counts = [](int32_t token, std::span<float> row) { row[static_cast<size_t>(token + 1)] = 100; };
  ScriptedDecoder model(kVocab, counts);
  EXPECT_NEAR(Qualities({&model}, kTexts)[0].perplexity, 1, 1e-6);
}

TEST(Quality, DivergenceAndAgreementAreFromTheFirstModel) {
  const double p = 0.7, q = 0.2;
  // one token with p, the others share the rest; q the same for the second model
  const auto with = [](double share) {
    return [share](int32_t, std::span<float> row) {
      std::fill(row.begin(), row.end(), static_cast<float>(std::log((1 - share) / (kVocab - 1))));
      row[3] = static_cast<float>(std::log(share));
    };
  };
  ScriptedDecoder full(kVocab, with(p)), close(kVocab, with(q));
  const auto other = [](int32_t, std::span<float> row) { row[5] = 1; };
  ScriptedDecoder far(kVocab, other);
  const auto qualities = Qualities({&full, &close, &far}, kTexts);
  EXPECT_NEAR(qualities[1].divergence, p * std::log(p / q) + (1 - p) * std::log((1 - p) / (1 - q)), 1e-5);
  EXPECT_EQ(qualities[1].agreement, 1);
  EXPECT_EQ(qualities[2].agreement, 0);
  EXPECT_GT(qualities[2].divergence, qualities[1].divergence);
}

TEST(Quality, AgreementCountsTokens) {
  const auto right = [](int32_t, std::span<float> row) { row[0] = 1; };
  const auto sometimes = [](int32_t token, std::span<float> row) { row[token == 2 ? 1 : 0] = 1; };
  ScriptedDecoder full(kVocab, right), part(kVocab, sometimes);
  EXPECT_NEAR(Qualities({&full, &part}, kTexts)[1].agreement, 4.0 / 5, 1e-9);
}

TEST(Quality, OtherVocabulariesAreRefused) {
  ScriptedDecoder one(kVocab, kUniform), other(kVocab + 1, kUniform);
  std::vector<model::Decoder*> decoders{&one, &other};
  const auto qualities = Compare(decoders, kTexts, [](double) {});
  ASSERT_FALSE(qualities);
  EXPECT_EQ(qualities.error().code, Code::kInvalidArgument);
}

}  // namespace
}  // namespace troupe::evaluate
