// Whole steps of a classifier's training against PyTorch's (golden/make_classifier_steps.py), as
// decoder_steps_golden_test.cc.
#include <gtest/gtest.h>

#include "runtime/train/classifier_training.h"
#include "tests/unit/model/tiny_bert.h"
#include "tests/unit/train/steps_golden.h"

namespace troupe::train {
namespace {

const Value& Golden() {
  static const Value golden = StepsGolden("classifier_steps.json");
  return golden;
}

WholeEncoder EncoderNamed(const std::string& prefix) {
  const NamedWeights weights(prefix,
                             [](const std::string& name) { return name.starts_with("bert.") || name[0] == 'c'; });
  auto encoder = WholeEncoder::Load(model::TinyBertConfig(3), weights);
  EXPECT_TRUE(encoder) << ToString(encoder.error());
  return std::move(*encoder);
}

EncodedTexts Texts() {
  EncodedTexts texts;
  for (const Value& text : Golden()["texts"]) {
    texts.ids.push_back(text["ids"].get<std::vector<int32_t>>());
    texts.numbers.push_back(text["label"]);
  }
  return texts;
}

std::optional<Teaching> TeachingOf(const Value& item) {
  if (!item.contains("scores")) return std::nullopt;
  return Teaching{.teacher = EncoderNamed("teacher."),
                  .scores = item["scores"],
                  .temperature = item["temperature"],
                  .states = item.value("states", 0.0),
                  .layers = {0, 1}};
}

// Query, key and value are one here and three there.
std::vector<std::string> PartsOf(const std::string& name) {
  const size_t at = name.find("qkv");
  if (at == name.npos) return {name};
  std::vector<std::string> parts;
  for (const char* part : {"query", "key", "value"}) parts.push_back(std::string(name).replace(at, 3, part));
  return parts;
}

class ClassifierStepsTest : public testing::TestWithParam<size_t> {};

TEST_P(ClassifierStepsTest, AreThoseOfPyTorch) {
  const Value& item = Golden()["cases"][GetParam()];
  SCOPED_TRACE(item["name"]);
  const TrainingOptions options{.epochs = Golden()["steps"],
                                .batch = static_cast<int64_t>(Golden()["texts"].size()),
                                .rate = Golden()["options"]["rate"],
                                .warmup = WarmupOf(Golden()),
                                .dropout = 0,
                                .smoothing = item.value("smoothing", 0.0),
                                .optimizer = OptimizerOf(Golden(), item)};
  ClassifierTraining training(EncoderNamed(""), Texts(), options, TeachingOf(item));
  ExpectStepsOfPyTorch(training, Golden(), item, PartsOf);
}

INSTANTIATE_TEST_SUITE_P(Golden, ClassifierStepsTest, testing::Range(size_t{0}, size_t{4}));

}  // namespace
}  // namespace troupe::train
