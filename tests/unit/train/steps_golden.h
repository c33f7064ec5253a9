// Steps of training as PyTorch takes them (golden/steps.py): their options, the weights they begin with, and whether
// those that they end with are the same.
#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/value.h"
#include "runtime/train/adamw.h"
#include "runtime/train/training.h"
#include "tests/support/places.h"
#include "tests/support/temp_folder.h"
#include "tests/unit/model/base64.h"
#include "tests/unit/model/hash_weights.h"

namespace troupe::train {

// Of losses and of weights.
constexpr double kMaxStepError = 1e-5;

inline Value StepsGolden(const std::string& name) {
  return Value::parse(ReadAll(SourcePath("tests/unit/train/golden/" + name)));
}

// Tensors that follow from `prefix` and their names.
class NamedWeights final : public model::WeightSource {
 public:
  NamedWeights(std::string prefix, std::function<bool(const std::string&)> is_there)
      : prefix_(std::move(prefix)), is_there_(std::move(is_there)) {}

  bool Has(std::string_view name) const override { return is_there_(std::string(name)); }
  Result<at::Tensor> Load(std::string_view name, std::vector<int64_t> shape) const override {
    return model::HashTensor(prefix_ + std::string(name), shape, 1);
  }
  std::vector<std::string> Unused(const std::set<std::string, std::less<>>&) const override { return {}; }

 private:
  std::string prefix_;
  std::function<bool(const std::string&)> is_there_;
};

inline AdamWOptions OptimizerOf(const Value& golden, const Value& item) {
  const Value& given = golden["options"];
  return {.beta1 = given["beta1"],
          .beta2 = given["beta2"],
          .epsilon = given["epsilon"],
          .decay = given["decay"],
          .clip_norm = item.value("clip", given["clip"].get<double>())};
}

// As a share of the steps.
inline double WarmupOf(const Value& golden) { return golden["warmup"].get<double>() / golden["steps"].get<double>(); }

// Takes all steps. `parts` names the tensors of the golden that a weight consists of.
inline void ExpectStepsOfPyTorch(Training& training, const Value& golden, const Value& item,
                                 const std::function<std::vector<std::string>(const std::string&)>& parts) {
  ASSERT_EQ(training.steps(), golden["steps"].get<int64_t>());
  for (const Value& loss : item["losses"]) {
    const auto own = training.Step();
    ASSERT_TRUE(own) << ToString(own.error());
    EXPECT_NEAR(*own, loss.get<double>(), kMaxStepError);
  }
  size_t seen = 0;
  for (const Parameter& weight : training.Weights()) {
    std::vector<float> expected;
    for (const std::string& part : parts(weight.name)) {
      const auto values = model::Unpack<float>(item["weights"].at(part).get<std::string>());
      expected.insert(expected.end(), values.begin(), values.end());
      ++seen;
    }
    ASSERT_EQ(static_cast<int64_t>(expected.size()), weight.value.numel()) << weight.name;
    const at::Tensor value = weight.value.detach();
    const auto* values = value.const_data_ptr<float>();
    double worst = 0;
    for (size_t i = 0; i < expected.size(); ++i) worst = std::max<double>(worst, std::abs(values[i] - expected[i]));
    EXPECT_LE(worst, kMaxStepError) << weight.name;
  }
  EXPECT_EQ(seen, item["weights"].size());
}

}  // namespace troupe::train
