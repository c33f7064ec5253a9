// A small classifier and texts that it can learn to tell apart: the first word after [CLS] says the label.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <utility>

#include "runtime/train/classifier_training.h"
#include "tests/unit/model/tiny_bert.h"

namespace troupe::train {

inline WholeEncoder TinyEncoder(int labels = 3) {
  const model::ModelConfig config = model::TinyBertConfig(labels);
  auto encoder = WholeEncoder::Load(config, *model::WeightsFromMap(model::TinyBertWeights(config)));
  EXPECT_TRUE(encoder) << ToString(encoder.error());
  return std::move(*encoder);
}

inline EncodedTexts TinyTexts(size_t count, uint64_t seed, int64_t labels = 3) {
  std::mt19937_64 random(seed);
  EncodedTexts texts;
  for (size_t i = 0; i < count; ++i) {
    const auto number = static_cast<int64_t>(random() % static_cast<uint64_t>(labels));
    std::vector<int32_t> ids{2, static_cast<int32_t>(10 + number)};
    for (size_t more = random() % 6; more > 0; --more) ids.push_back(static_cast<int32_t>(20 + random() % 25));
    ids.push_back(3);
    texts.ids.push_back(std::move(ids));
    texts.numbers.push_back(number);
  }
  return texts;
}

inline TrainingOptions TinyOptions() { return {.epochs = 4, .batch = 4, .accumulate = 2, .rate = 3e-3, .seed = 5}; }

inline ClassifierTraining TinyTraining(const TrainingOptions& options = TinyOptions(),
                                       std::optional<Teaching> teaching = std::nullopt) {
  return {TinyEncoder(), TinyTexts(37, 1), options, std::move(teaching)};
}

}  // namespace troupe::train
