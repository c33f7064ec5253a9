// Whole steps of training against PyTorch's (golden/make_decoder_steps.py): forward pass, losses, gradients, clipping,
// weight decay and schedule at once.
#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "runtime/model/mapped_file.h"
#include "runtime/train/decoder_training.h"
#include "runtime/train/named_tensors.h"
#include "tests/support/places.h"
#include "tests/support/temp_folder.h"
#include "tests/unit/model/base64.h"
#include "tests/unit/model/hash_weights.h"

namespace troupe::train {
namespace {

constexpr double kMaxError = 1e-5;

const Value& StepsGolden() {
  static const Value golden = Value::parse(ReadAll(SourcePath("tests/unit/train/golden/decoder_steps.json")));
  return golden;
}

// What a seed draws is of no interest here: a decoder or an adapter whose tensors follow from their names.
class NamedWeights final : public model::WeightSource {
 public:
  explicit NamedWeights(std::string prefix) : prefix_(std::move(prefix)) {}

  bool Has(std::string_view name) const override {
    return StepsGolden()["cases"][0]["weights"].contains(std::string(name));
  }
  Result<at::Tensor> Load(std::string_view name, std::vector<int64_t> shape) const override {
    return model::HashTensor(prefix_ + std::string(name), shape, 1);
  }
  std::vector<std::string> Unused(const std::set<std::string, std::less<>>&) const override { return {}; }

 private:
  std::string prefix_;
};

WholeDecoder DecoderNamed(const std::string& prefix) {
  const auto config = model::ConfigFromJson(StepsGolden()["config"], "config.json");
  EXPECT_TRUE(config) << ToString(config.error());
  auto decoder = WholeDecoder::Load(*config, NamedWeights(prefix), Memory::kOwn);
  EXPECT_TRUE(decoder) << ToString(decoder.error());
  return std::move(*decoder);
}

std::vector<PromptAnswer> Texts() {
  std::vector<PromptAnswer> texts;
  for (const Value& text : StepsGolden()["texts"]) {
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
  const Value& Item() const { return StepsGolden()["cases"][GetParam()]; }

  // All texts in every step: at once, or in batches that are added up.
  DecoderTraining Training(int64_t batch) const {
    const Value &item = Item(), &given = StepsGolden()["options"];
    const auto texts = static_cast<int64_t>(StepsGolden()["texts"].size());
    DecoderTrainingOptions options{.epochs = StepsGolden()["steps"], .batch = batch, .accumulate = texts / batch};
    options.rate = given["rate"];
    options.warmup = StepsGolden()["warmup"].get<double>() / StepsGolden()["steps"].get<double>();
    options.optimizer = {.beta1 = given["beta1"],
                         .beta2 = given["beta2"],
                         .epsilon = given["epsilon"],
                         .decay = given["decay"],
                         .clip_norm = item.value("clip", given["clip"].get<double>())};
    if (item.contains("rank")) options.lora = LoraOptions{.rank = item["rank"], .alpha = item["alpha"]};
    DecoderTraining training(DecoderNamed(""), Texts(), options, TeachingOf(item, folder_.path / "top"));
    if (options.lora) BeginAsNamed(training);
    return training;
  }

  // An adapter as the golden has it, by way of a checkpoint of no steps.
  void BeginAsNamed(DecoderTraining& training) const {
    std::vector<model::TensorOut> tensors;
    for (const Parameter& weight : training.Weights()) {
      const at::Tensor named = model::HashTensor(weight.name, weight.value.sizes().vec(), 1);
      tensors.push_back(ToFile("weights." + weight.name, named));
      for (const char* kept : {"means.", "squares."})
        tensors.push_back(ToFile(kept + weight.name, at::zeros_like(named)));
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
    ASSERT_EQ(training.steps(), StepsGolden()["steps"].get<int64_t>());
    // when all steps are taken, then each had PyTorch's loss
    for (const Value& loss : Item()["losses"]) EXPECT_NEAR(*training.Step(), loss.get<double>(), kMaxError);
    // and every weight is PyTorch's
    ASSERT_EQ(training.Weights().size(), Item()["weights"].size());
    const c10::AutoGradMode off(false);
    for (const Parameter& weight : training.Weights()) {
      const auto expected = model::Unpack<float>(Item()["weights"].at(weight.name).get<std::string>());
      ASSERT_EQ(static_cast<int64_t>(expected.size()), weight.value.numel()) << weight.name;
      const auto* values = weight.value.const_data_ptr<float>();
      double worst = 0;
      for (size_t i = 0; i < expected.size(); ++i) worst = std::max<double>(worst, std::abs(values[i] - expected[i]));
      EXPECT_LE(worst, kMaxError) << weight.name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, DecoderStepsTest, testing::Range(size_t{0}, size_t{9}));

}  // namespace
}  // namespace troupe::train
