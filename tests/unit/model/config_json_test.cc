#include "runtime/model/config_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/model/tiny_decoder.h"

namespace troupe::model {
namespace {

ModelConfig Llama() {
  ModelConfig config = TinyConfig(64);
  config.decoder.tied_embeddings = true;
  config.eos_ids = {2};
  config.norm_eps = 1e-5;
  return config;
}

void ExpectThereAndBack(ModelConfig config) {
  const auto json = ConfigToJson(config);
  ASSERT_TRUE(json) << ToString(json.error());
  auto back = ConfigFromJson(*json, "config.json");
  ASSERT_TRUE(back) << ToString(back.error());
  back->architecture = config.architecture;
  for (ModelConfig* each : {&config, &*back}) each->decoder.ropes[0].original_positions = 0;
  EXPECT_EQ(*back, config) << *json;
}

TEST(ConfigJson, FamiliesComeBackAsTheyWere) {
  ModelConfig config = Llama();
  ExpectThereAndBack(config);
  config.decoder.mlp_bias = config.decoder.qkv_bias = config.decoder.out_bias = true;
  config.decoder.tied_embeddings = false;
  ExpectThereAndBack(config);
  config = Llama();
  config.decoder.ropes[0] = {.kind = RopeKind::kLinear, .dims = 8, .factor = 4};
  ExpectThereAndBack(config);
  config = Llama();
  for (DecoderLayer& layer : config.decoder.layers) layer.window = 16;
  ExpectThereAndBack(config);
  config = Llama();
  config.architecture = "qwen2";
  config.decoder.qkv_bias = true;
  ExpectThereAndBack(config);
}

TEST(ConfigJson, WhatItCannotSayIsRefused) {
  const auto refused = [](ModelConfig config) {
    const auto json = ConfigToJson(config);
    return !json && json.error().code == Code::kUnimplemented;
  };
  ModelConfig config = Llama();
  config.decoder.qk_norm = true;  // a Llama has none
  EXPECT_TRUE(refused(config));
  config = Llama();
  config.decoder.ropes[0] = {.kind = RopeKind::kDivided, .dims = 8, .short_divisors = {1, 1, 2, 8}};
  EXPECT_TRUE(refused(config));
  config = Llama();
  config.architecture = "gemma3";
  EXPECT_TRUE(refused(config));
  config.family = Family::kBert;
  EXPECT_TRUE(refused(config));
}

TEST(ConfigJson, TheQuantizationIsTold) {
  Value json = *ConfigToJson(Llama());
  json["quantization_config"] = {{"quant_method", "troupe"}, {"bits", 4}, {"group", 64}, {"method", "gptq"}};
  const auto config = ConfigFromJson(json, "config.json");
  ASSERT_TRUE(config) << ToString(config.error());
  EXPECT_EQ(config->quantization, "int4 in groups of 64 by gptq");
  json["quantization_config"]["bits"] = 3;
  EXPECT_FALSE(ConfigFromJson(json, "config.json"));
  json["quantization_config"] = {{"quant_method", "awq"}, {"bits", 4}};
  const auto other = ConfigFromJson(json, "config.json");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::kUnimplemented);
  EXPECT_THAT(other.error().message, ::testing::HasSubstr("awq"));
}

}  // namespace
}  // namespace troupe::model
