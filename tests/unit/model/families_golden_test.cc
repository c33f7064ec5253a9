// Small models of every family and option against transformers (golden/make_families.py), from a config.json and from a
// GGUF, at once, in pieces and token by token.
#include <ATen/Parallel.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <memory>

#include "runtime/model/size.h"
#include "tests/unit/model/families.h"
#include "tests/unit/model/gguf_builder.h"
#include "tests/unit/model/hash_weights.h"
#include "tests/unit/model/implementations.h"

namespace troupe::model {
namespace {

class FamiliesGoldenTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { at::set_num_threads(1); }  // other tests run beside this one
};

TEST_F(FamiliesGoldenTest, LogitsEqualTransformers) {
  ForEachFamily([](const Value& item, const ModelConfig& config) {
    for (const auto& model : InFloat32(config, WeightsOf(item))) {
      SCOPED_TRACE(NameOf(*model));
      ExpectEqual(*model, item);
      EXPECT_EQ(ParametersOf(config), model->parameters());
    }
  });
}

TEST_F(FamiliesGoldenTest, WhatTransformersSavesIsTheSameModel) {
  ForEachFamily([](const Value& item, const ModelConfig& config) {
    const auto saved = ConfigFromJson(item["saved"], "config.json");
    ASSERT_TRUE(saved) << ToString(saved.error());
    ModelConfig written = config;
    written.architecture = saved->architecture;
    EXPECT_EQ(written, *saved);
  });
}

// As convert_hf_to_gguf.py would write it: its names, rows of Q and K in its order, Gemma's norms around 1.
std::string GgufOf(const Value& section, const std::map<std::string, at::Tensor>& tensors, const ModelConfig& config) {
  GgufBuilder builder;
  const auto architecture = section["architecture"].get<std::string>();
  builder.Text("general.architecture", architecture);
  for (const Value& entry : section["metadata"]) {
    const std::string key = architecture + "." + entry[0].get<std::string>();
    if (entry[1] == "u32") builder.Number(key, GgufBuilder::kU32, entry[2].get<uint32_t>());
    if (entry[1] == "f32") builder.Number(key, GgufBuilder::kF32, entry[2].get<float>());
    if (entry[1] == "str") builder.Text(key, entry[2].get<std::string>());
  }
  const auto add = [&builder](const std::string& name, const at::Tensor& tensor) {
    std::vector<uint64_t> sizes(tensor.sizes().rbegin(), tensor.sizes().rend());
    const auto bytes = static_cast<size_t>(tensor.numel()) * sizeof(float);
    builder.Tensor(name, std::move(sizes), 0, {static_cast<const char*>(tensor.const_data_ptr()), bytes});
  };
  for (const auto& [name, loaded] : tensors) {
    at::Tensor tensor = loaded;
    const bool is_q = name.find(".q_proj.") != std::string::npos;
    const bool is_k = name.find(".k_proj.") != std::string::npos;
    if (section["permuted"] == true && (is_q || is_k)) {
      const int64_t heads = is_q ? config.heads : config.kv_heads;
      tensor = tensor.view({heads, 2, config.head_dim / 2, -1}).transpose(1, 2).reshape(tensor.sizes());
    }
    if (section["norms_plus_one"] == true && name.ends_with("norm.weight")) tensor = tensor + 1.0;
    add(section["names"].at(name).get<std::string>(), tensor.contiguous());
  }
  for (const auto& [name, values] : section["tensors"].items()) {
    add(name, at::tensor(values.get<std::vector<float>>(), at::TensorOptions().dtype(at::kFloat)));
  }
  return builder.Build();
}

TEST_F(FamiliesGoldenTest, TheSameModelsAsGgufGiveTheSameLogits) {
  std::set<std::string> architectures;
  ForEachFamily([&](const Value& item, const ModelConfig& original) {
    if (!item.contains("gguf")) return;
    // given: the model's tensors, all that transformers has, written into a GGUF
    const Value& section = item["gguf"];
    architectures.insert(section["architecture"].get<std::string>());
    const HashWeights source = WeightsOf(item);
    const Recorder recorder(source);
    ASSERT_TRUE(AtenDecoder::Load(original, recorder, {}));
    ASSERT_EQ(recorder.loaded().size(), item["tensors"].size());
    auto opened = OpenGguf(GgufOf(section, recorder.loaded(), original));
    ASSERT_TRUE(opened) << ToString(opened.error());
    const auto gguf = std::make_shared<const Gguf>(std::move(*opened));
    // when
    const auto config = ConfigFromGguf(*gguf);
    ASSERT_TRUE(config) << ToString(config.error());
    for (const auto& model : InFloat32(*config, *WeightsFromGguf(gguf, *config))) {
      SCOPED_TRACE(NameOf(*model));
      // then
      ExpectEqual(*model, item);
    }
  });
  EXPECT_EQ(architectures, (std::set<std::string>{"llama", "smollm3", "qwen2", "qwen3", "gemma2", "gemma3", "phi3"}));
}

}  // namespace
}  // namespace troupe::model
