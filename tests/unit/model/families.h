// Small models of every family and option, with what transformers computes for them (golden/make_families.py).
#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "tests/unit/model/base64.h"
#include "tests/unit/model/golden.h"
#include "tests/unit/model/hash_weights.h"
#include "tests/unit/model/pages.h"

namespace troupe::model {

inline const Value& FamiliesGolden() {
  static const Value golden = Golden("families.json");
  return golden;
}

// Calls test(item, config) for every case, which messages then name.
inline void ForEachFamily(const std::function<void(const Value& item, const ModelConfig& config)>& test) {
  EXPECT_EQ(FamiliesGolden()["cases"].size(), 24u);
  for (const Value& item : FamiliesGolden()["cases"]) {
    SCOPED_TRACE(item["name"]);
    const auto config = ConfigFromJson(item["config"], "config.json");
    ASSERT_TRUE(config) << ToString(config.error());
    test(item, *config);
  }
}

inline std::vector<int32_t> GoldenInput() {
  const Value& golden = FamiliesGolden();
  std::vector<int32_t> tokens(golden["tokens"].get<size_t>());
  for (size_t i = 0; i < tokens.size(); ++i) {
    tokens[i] = static_cast<int32_t>((Mix(HashOfName("tokens") + i) >> 40) % golden["vocab"].get<uint64_t>());
  }
  return tokens;
}

// Logits after every token, run `step` tokens at a time.
inline at::Tensor LogitsOf(Decoder& model, std::span<const int32_t> tokens, size_t step, bool knows_rest) {
  const auto size = static_cast<int64_t>(tokens.size());
  PagedSequence sequence = Pages(model, size).New(size);
  std::vector<at::Tensor> rows;
  for (size_t at = 0; at < tokens.size(); at += step) {
    const auto part = tokens.subspan(at, std::min(step, tokens.size() - at));
    const auto ahead = static_cast<int64_t>(knows_rest ? tokens.size() - at - part.size() : 0);
    rows.push_back(Step(model, sequence, part, Logits::kAll, ahead));
    if (!rows.back().defined()) return {};
  }
  return at::cat(rows).contiguous();
}

// The largest difference at the golden's positions.
inline double GoldenDifference(const at::Tensor& logits, const Value& packed) {
  const Value& golden = FamiliesGolden();
  const auto expected = Unpack<float>(packed.get<std::string>());
  const auto vocab = golden["vocab"].get<int64_t>();
  EXPECT_EQ(expected.size(), golden["positions"].size() * static_cast<size_t>(vocab));
  if (!logits.defined()) return INFINITY;
  const auto* rows = logits.const_data_ptr<float>();
  double worst = 0;
  size_t next = 0;
  for (const Value& position : golden["positions"]) {
    for (int64_t i = 0; i < vocab; ++i) {
      const double difference = std::abs(double{rows[position.get<int64_t>() * vocab + i]} - expected[next++]);
      worst = std::isfinite(difference) ? std::max(worst, difference) : INFINITY;
    }
  }
  return worst;
}

inline HashWeights WeightsOf(const Value& item) {
  const bool is_gemma = item["config"]["model_type"].get<std::string>().starts_with("gemma");
  return {item["tensors"].get<std::set<std::string, std::less<>>>(), is_gemma ? 0.0f : 1.0f};
}

// What the case `item` says, at once, in pieces and token by token.
inline void ExpectEqual(Decoder& model, const Value& item) {
  const auto tokens = GoldenInput();
  const Value& steps = item.contains("steps") ? item["steps"] : item["logits"];
  const auto difference = [&](size_t step, bool knows_rest, const Value& packed) {
    return GoldenDifference(LogitsOf(model, tokens, step, knows_rest), packed);
  };
  EXPECT_LE(difference(tokens.size(), true, item["logits"]), kMaxLogitError);
  EXPECT_LE(difference(33, true, item["logits"]), kMaxLogitError) << "in pieces";
  EXPECT_LE(difference(1, false, steps), kMaxLogitError) << "token by token";
}

}  // namespace troupe::model
