// What transformers computes with SmolLM2 in float32 (golden/make_llama.py).
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tests/unit/model/base64.h"
#include "tests/unit/model/golden.h"
#include "tests/unit/model/pages.h"

namespace troupe::model {

inline int32_t Highest(const float* row, int64_t vocab) {
  return static_cast<int32_t>(std::max_element(row, row + vocab) - row);
}

// Goes on greedily with all sequences in one batch, until each has `count` tokens.
inline void DecodeTogether(Decoder& model, std::vector<PagedSequence>& sequences,
                           std::vector<std::vector<int32_t>>& answers, size_t count) {
  while (answers[0].size() < count) {
    std::vector<Slice> slices;
    for (size_t i = 0; i < sequences.size(); ++i) {
      slices.push_back(sequences[i].Next(std::span(answers[i]).last(1)));
    }
    const at::Tensor logits = Step(model, slices);
    ASSERT_TRUE(logits.defined());
    const auto* rows = logits.const_data_ptr<float>();
    for (size_t i = 0; i < answers.size(); ++i) {
      answers[i].push_back(Highest(rows + static_cast<int64_t>(i) * logits.size(1), logits.size(1)));
      ++sequences[i].length;
    }
  }
}

// Logits of prompts at once, then 64 tokens of each in one batch.
inline void ExpectEqualsSmolLm2(Decoder& model, const std::string& name, const Value& golden) {
  const auto top = golden["top"].get<int64_t>();
  const auto stride = golden["stride"].get<int64_t>();
  ASSERT_EQ(golden["cases"].size(), 8u);
  double worst = 0;
  std::vector<PagedSequence> sequences;
  Pages pages(model, 8 * 512);
  std::vector<std::vector<int32_t>> ours, expected;
  for (const Value& item : golden["cases"]) {
    const auto tokens = item["tokens"].get<std::vector<int32_t>>();
    const auto top_ids = Unpack<int32_t>(item["top_ids"].get<std::string>());
    const auto top_logits = Unpack<float>(item["top_logits"].get<std::string>());
    const auto last_logits = Unpack<float>(item["last_logits"].get<std::string>());
    const auto greedy = item["greedy"].get<std::vector<int32_t>>();
    ASSERT_EQ(top_ids.size(), tokens.size() * top);
    ASSERT_EQ(greedy.size(), 64u);

    sequences.push_back(pages.New(512));
    const at::Tensor logits = Step(model, sequences.back(), tokens, Logits::kAll);
    ASSERT_TRUE(logits.defined());
    ASSERT_EQ(logits.size(0), static_cast<int64_t>(tokens.size()));
    const int64_t vocab = logits.size(1);
    const auto* rows = logits.const_data_ptr<float>();
    for (size_t i = 0; i < top_ids.size(); ++i) {
      const auto position = static_cast<int64_t>(i) / top;
      worst = std::max(worst, std::abs(double{rows[position * vocab + top_ids[i]]} - top_logits[i]));
    }
    const float* last = rows + (logits.size(0) - 1) * vocab;
    ASSERT_EQ(static_cast<int64_t>(last_logits.size()), (vocab + stride - 1) / stride);
    for (size_t i = 0; i < last_logits.size(); ++i) {
      worst = std::max(worst, std::abs(double{last[i * stride]} - last_logits[i]));
    }

    ours.push_back({Highest(last, vocab)});
    expected.push_back(greedy);
  }
  DecodeTogether(model, sequences, ours, 64);
  EXPECT_EQ(ours, expected);
  ::testing::Test::RecordProperty("max_logit_error_of_" + name, std::to_string(worst));
  EXPECT_LE(worst, kMaxLogitError);
}

}  // namespace troupe::model
