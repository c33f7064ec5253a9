#include "runtime/model/adapter.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/ones.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/value.h"
#include "runtime/model/adapter_folder.h"
#include "tests/support/temp_folder.h"

namespace troupe::model {
namespace {

using testing::HasSubstr;

constexpr char kMatrix[] = "model.layers.0.self_attn.q_proj.weight";

TensorOut Filled(const std::string& name, std::vector<int64_t> shape, float value) {
  const std::vector<float> values(static_cast<size_t>(shape[0] * shape[1]), value);
  return TensorOut::Of(name, Format::kF32, std::move(shape), std::span<const float>(values));
}

class AdapterTest : public testing::Test {
 protected:
  // A pair of ones and twos, of rank 2, for a matrix [3, 4].
  static AdapterOut Pair(const std::string& matrix = kMatrix) {
    return {.rank = 2,
            .alpha = 8,
            .base_name = "tiny",
            .base_sha256 = "abc",
            .tensors = {Filled(AdapterTensorName(matrix, AdapterSide::kA), {2, 4}, 1),
                        Filled(AdapterTensorName(matrix, AdapterSide::kB), {3, 2}, 2)}};
  }
  Result<Adapter> Written(const AdapterOut& adapter) const {
    EXPECT_TRUE(WriteAdapterFolder(adapter, Folder(), Overwrite::kYes));
    return Adapter::Open(Folder());
  }
  std::filesystem::path Folder() const { return temp_.path / "adapter"; }
  static std::shared_ptr<const WeightSource> Model(std::vector<int64_t> shape = {3, 4}) {
    return WeightsFromMap({{kMatrix, at::ones(shape, at::kFloat)}, {"model.norm.weight", at::ones({4}, at::kFloat)}});
  }
  std::string Refused(const std::string& config) const {
    EXPECT_TRUE(Written(Pair()));
    WriteAll(Folder() / "adapter_config.json", config);
    const auto adapter = Adapter::Open(Folder());
    return adapter ? "opened" : adapter.error().message;
  }

  TempFolder temp_;
};

TEST_F(AdapterTest, AddsItsProductToItsMatrixAndToNothingElse) {
  const auto adapter = Written(Pair());
  ASSERT_TRUE(adapter) << ToString(adapter.error());
  EXPECT_EQ(adapter->base_sha256(), "abc");
  EXPECT_EQ(*adapter->Digest(), Pair().Digest());
  const auto adapted = adapter->On(Model());
  ASSERT_TRUE(adapted) << ToString(adapted.error());
  // 1 + (1 * 2 + 1 * 2) * 8 / 2
  EXPECT_TRUE((*adapted)->Load(kMatrix, {3, 4})->eq(17).all().item<bool>());
  EXPECT_TRUE((*adapted)->Load("model.norm.weight", {4})->eq(1).all().item<bool>());
}

TEST_F(AdapterTest, AnotherModelsIsRefused) {
  const auto elsewhere = Written(Pair("model.layers.7.self_attn.q_proj.weight"));
  ASSERT_TRUE(elsewhere);
  EXPECT_THAT(elsewhere->On(Model()).error().message, HasSubstr("which the model does not have"));
  const auto adapter = Written(Pair());
  ASSERT_TRUE(adapter);
  EXPECT_THAT((*adapter->On(Model({3, 5})))->Load(kMatrix, {3, 5}).error().message, HasSubstr("is of another size"));
  AdapterOut half = Pair();
  half.tensors.pop_back();
  EXPECT_THAT(Written(half)->On(Model()).error().message, HasSubstr("other tensors than pairs"));
}

TEST_F(AdapterTest, WhatDoesMoreThanAddProductsIsRefused) {
  EXPECT_THAT(Refused("{"), HasSubstr("adapter_config.json"));
  EXPECT_THAT(Refused(R"({"r": "8", "lora_alpha": 16})"), HasSubstr("\"r\" and \"lora_alpha\" must be numbers"));
  EXPECT_THAT(Refused(R"({"r": 8, "lora_alpha": 16, "use_dora": true})"), HasSubstr("\"use_dora\" is true"));
  EXPECT_THAT(Refused(R"({"r": 8, "lora_alpha": 16, "peft_type": "IA3"})"), HasSubstr("only \"LORA\" is known"));
  EXPECT_EQ(Refused(R"({"r": 8, "lora_alpha": 16, "modules_to_save": null})"), "opened");
}

TEST_F(AdapterTest, WhatIsNoAdapterIsNotWrittenOver) {
  WriteAll(Folder() / "letter.txt", "dear");
  EXPECT_EQ(WriteAdapterFolder(Pair(), Folder(), Overwrite::kNo).error().code, Code::kAlreadyExists);
  EXPECT_EQ(WriteAdapterFolder(Pair(), Folder(), Overwrite::kYes).error().code, Code::kFailedPrecondition);
  EXPECT_EQ(ReadAll(Folder() / "letter.txt"), "dear");
}

TEST_F(AdapterTest, OneTakesTheOthersPlaceWholeOrNotAtAll) {
  // given
  ASSERT_TRUE(Written(Pair()));
  // when another one cannot be written to its end
  AdapterOut other = Pair();
  other.base_sha256 = "def";
  other.texts = {{"no-such-folder/card.md", "#"}};
  EXPECT_FALSE(WriteAdapterFolder(other, Folder(), Overwrite::kYes));
  // then the first one is as it was, and when it can be, the other one is there alone
  const auto first = Adapter::Open(Folder());
  ASSERT_TRUE(first) << ToString(first.error());
  EXPECT_EQ(first->base_sha256(), "abc");
  other.texts.clear();
  EXPECT_EQ(Written(other)->base_sha256(), "def");
  const std::filesystem::directory_iterator all(temp_.path);
  EXPECT_EQ(std::distance(begin(all), end(all)), 1) << "neither .part nor .old is left";
}

}  // namespace
}  // namespace troupe::model
