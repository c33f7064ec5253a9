// A small decoder of random weights, and prompts whose answers it can learn: the token 20 behind the prompt's last one.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "runtime/train/decoder_training.h"
#include "tests/unit/model/tiny_decoder.h"

namespace troupe::train {

inline constexpr int64_t kTinyVocab = 32;
inline constexpr int32_t kTinyAnswerEnd = 31;

inline WholeDecoder TinyWriter(uint64_t seed = 7) {
  const model::ModelConfig config = model::TinyConfig(kTinyVocab);
  auto decoder = WholeDecoder::Load(config, *model::WeightsFromMap(model::TinyWeights(config, seed)), Memory::kOwn);
  EXPECT_TRUE(decoder) << ToString(decoder.error());
  return std::move(*decoder);
}

inline std::vector<PromptAnswer> TinyAnswers(size_t count, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<PromptAnswer> texts;
  for (size_t i = 0; i < count; ++i) {
    PromptAnswer text;
    for (size_t more = 1 + random() % 6; more > 0; --more) {
      text.prompt.push_back(static_cast<int32_t>(random() % 8));
    }
    text.answer = {text.prompt.back() + 20, kTinyAnswerEnd};
    texts.push_back(std::move(text));
  }
  return texts;
}

inline DecoderTrainingOptions TinyDecoderOptions() {
  return {.epochs = 3, .batch = 4, .accumulate = 2, .rate = 3e-3, .seed = 5};
}

}  // namespace troupe::train
