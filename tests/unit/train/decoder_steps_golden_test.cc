// Whole steps of a decoder's training against PyTorch's (golden/make_decoder_steps.py): forward pass, losses,
// gradients, clipping, weight decay and schedule at once.
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>

#include "runtime/model/mapped_file.h"
#include "runtime/train/decoder_training.h"
#include "runtime/train/named_tensors.h"
#include "tests/unit/train/steps_golden.h"

namespace troupe::train {
namespace {

const Value& Golden() {
  static const Value golden = StepsGolden("decoder_steps.json");
  return golden;
}

WholeDecoder DecoderNamed(const std::string& prefix) {
  const auto config = model::ConfigFromJson(Golden()["config"], "config.json");
  EXPECT_TRUE(config) << ToString(config.error());
  // the first case trains all that there is
  const NamedWeights weights(prefix,
                             [](const std::string& name) { return Golden()["cases"][0]["weights"].contains(name); });
  auto decoder = WholeDecoder::Load(*config, weights, Memory::kOwn);
  EXPECT_TRUE(decoder) << ToString(decoder.error());
  return std::move(*decoder);
}

std::vector<PromptAnswer> Texts() {
  std::vector<PromptAnswer> texts;
  for (const Value& text : Golden()["texts"]) {
    texts.push_back({.prompt = text["prompt"].get<std::vector<int32_t>>(),
                     .answer = text["answer"].get<std::vector<int32_t>>(),
                     .shown = text.value("shown", std::vector<int32_t>())});
  }
  return texts;
}

std::optional<DecoderTeaching> TeachingOf(const Value& item, const std::filesystem::path& file) {
  const std::string divergence = item.value("divergence", "");
  if (divergence.empty()) return std::nullopt;
  DecoderTeaching teaching{.scores = item.value("scores", 1.0)};
  teaching.divergence = {.divergence = divergence == "forward"   ? Divergence::kForward
                                       : divergence == "reverse" ? Divergence::kReverse
                                                                 : Divergence::kJensenShannon,
                         .beta = item.value("beta", 0.5),
                         .temperature = item.value("temperature", 1.0)};
  if (!item.contains("top")) {
    teaching.teacher = DecoderNamed("teacher.");
    return teaching;
  }
  const std::vector<PromptAnswer> texts = Texts();
  EXPECT_TRUE(StoreTop(file, DecoderNamed("teacher."), texts, item["top"], teaching.divergence.temperature, "these",
                       [](double) -> Status { return {}; }));
  auto stored = StoredTop::Open(file, texts, "these");
  EXPECT_TRUE(stored) << ToString(stored.error());
  teaching.stored = std::move(*stored);
  return teaching;
}

class DecoderStepsTest : public testing::TestWithParam<size_t> {
 protected:
  const Value& Item() const { return Golden()["cases"][GetParam()]; }

  // All texts in every step: at once, or in batches that are added up.
  DecoderTraining Training(int64_t batch) const {
    const auto texts = static_cast<int64_t>(Golden()["texts"].size());
    DecoderTrainingOptions options{.epochs = Golden()["steps"],
                                   .batch = batch,
                                   .accumulate = texts / batch,
                                   .rate = Golden()["options"]["rate"],
                                   .warmup = WarmupOf(Golden()),
                                   .optimizer = OptimizerOf(Golden(), Item())};
    if (Item().contains("rank")) options.lora = LoraOptions{.rank = Item()["rank"], .alpha = Item()["alpha"]};
    DecoderTraining training(DecoderNamed(""), Texts(), options, TeachingOf(Item(), folder_.path / "top"));
    if (options.lora) BeginAsNamed(training);
    return training;
  }

  // An adapter as the golden has it, by way of a checkpoint of no steps.
  void BeginAsNamed(DecoderTraining& training) const {
    std::vector<model::TensorOut> tensors;
    for (const Parameter& weight : training.Weights()) {
      const at::Tensor named = model::HashTensor(weight.name, weight.value.sizes().vec(), 1);
      tensors.push_back(ToFile("weights." + weight.name, named));
      for (const char* kept : {"means.", "squares."}) {
        tensors.push_back(ToFile(kept + weight.name, at::zeros_like(named)));
      }
    }
    const auto file = folder_.path / "adapter";
    ASSERT_TRUE(model::WriteSafetensors(file, tensors, {}));
    auto mapped = model::MappedFile::Open(file);
    ASSERT_TRUE(mapped) << ToString(mapped.error());
    ASSERT_TRUE(training.Restore(*model::Safetensors::Open(*mapped), 0));
  }

  TempFolder folder_;
};

TEST_P(DecoderStepsTest, AreThoseOfPyTorch) {
  SCOPED_TRACE(Item()["name"]);
  for (const int64_t batch : {6, 2}) {
    SCOPED_TRACE(testing::Message() << "batches of " << batch);
    DecoderTraining training = Training(batch);
    ExpectStepsOfPyTorch(training, Golden(), Item(),
                         [](const std::string& name) { return std::vector<std::string>{name}; });
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, DecoderStepsTest, testing::Range(size_t{0}, size_t{9}));

}  // namespace
}  // namespace troupe::train
