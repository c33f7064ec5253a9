#include "runtime/model/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/model/gguf_builder.h"

namespace troupe::model {
namespace {

using ::testing::HasSubstr;

Value LlamaJson() {
  return Value::parse(R"({"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 64,
    "num_hidden_layers": 2, "num_attention_heads": 8, "num_key_value_heads": 2, "intermediate_size": 128,
    "vocab_size": 100, "max_position_embeddings": 256, "rms_norm_eps": 1e-5, "rope_theta": 1e5,
    "tie_word_embeddings": true, "eos_token_id": [2, 3], "hidden_act": "silu"})");
}

Value BertJson() {
  return Value::parse(R"({"model_type": "bert", "architectures": ["BertForSequenceClassification"], "hidden_size": 64,
    "num_hidden_layers": 2, "num_attention_heads": 8, "intermediate_size": 128, "vocab_size": 100,
    "max_position_embeddings": 256, "hidden_act": "gelu", "id2label": {"0": "no", "1": "yes"}})");
}

void ExpectRefused(const Value& json, Code code, const std::string& reason) {
  const auto config = ConfigFromJson(json, "config.json");
  ASSERT_FALSE(config) << "accepted, expected: " << reason;
  EXPECT_EQ(config.error().code, code) << config.error().message;
  EXPECT_THAT(config.error().message, HasSubstr(reason));
  EXPECT_THAT(config.error().message, HasSubstr("config.json"));
}

Value With(Value json, const std::string& field, Value value) {
  json[field] = std::move(value);
  return json;
}

TEST(ConfigTest, LlamaComesWithItsSizes) {
  const auto config = ConfigFromJson(LlamaJson(), "config.json");
  ASSERT_TRUE(config) << ToString(config.error());
  EXPECT_EQ(config->family, Family::kDecoder);
  EXPECT_EQ(config->head_dim, 8);
  EXPECT_EQ(config->kv_heads, 2);
  EXPECT_EQ(config->decoder.ropes, (std::vector<RopeConfig>{{.theta = 1e5, .dims = 8}}));
  EXPECT_EQ(config->decoder.layers, std::vector<DecoderLayer>(2));
  EXPECT_TRUE(config->decoder.tied_embeddings);
  EXPECT_EQ(config->eos_ids, (std::vector<int32_t>{2, 3}));
}

TEST(ConfigTest, RotaryPositionsAreReadInOldAndNewWriting) {
  Value json = With(LlamaJson(), "rope_parameters", {{"rope_type", "default"}, {"rope_theta", 5e5}});
  EXPECT_EQ(ConfigFromJson(json, "config.json")->decoder.ropes[0].theta, 5e5);
  const Value linear{{"type", "linear"}, {"factor", 2}};
  const auto old = ConfigFromJson(With(LlamaJson(), "rope_scaling", linear), "config.json");
  ASSERT_TRUE(old) << ToString(old.error());
  EXPECT_EQ(old->decoder.ropes[0].kind, RopeKind::kLinear);
  EXPECT_EQ(old->decoder.ropes[0].factor, 2);
  EXPECT_EQ(old->max_positions, 512);
}

TEST(ConfigTest, RotaryPositionsThatAreNotKnownOrMakeNoSenseAreRefused) {
  const auto refused = [](const Value& scaling, Code code, const std::string& reason) {
    SCOPED_TRACE(scaling.dump());
    ExpectRefused(With(LlamaJson(), "rope_scaling", scaling), code, reason);
  };
  refused({{"rope_type", "spiral"}}, Code::kUnimplemented, "spiral");
  refused({{"rope_type", "default"}, {"mrope_section", {2, 1, 1}}}, Code::kUnimplemented, "mrope_section");
  refused({{"rope_type", "linear"}}, Code::kInvalidArgument, "\"factor\" is missing");
  refused({{"rope_type", "linear"}, {"factor", 0}}, Code::kInvalidArgument, "factor");
  refused({{"rope_type", "linear"}, {"factor", "2"}}, Code::kInvalidArgument, "factor");
  refused({{"rope_type", "longrope"}, {"short_factor", {1, 1, 1, 1}}}, Code::kInvalidArgument, "divisors");
  refused({{"rope_type", "longrope"}, {"short_factor", {1, 1, 1, 0}}, {"long_factor", {1, 1, 1, 1}}},
          Code::kInvalidArgument, "divisors");
  refused({{"rope_type", "llama3"}, {"factor", 8}, {"low_freq_factor", 4}, {"high_freq_factor", 4}},
          Code::kInvalidArgument, "low_freq_factor");
  refused({{"rope_type", "yarn"}, {"factor", 4}, {"beta_fast", 1}, {"beta_slow", 32}}, Code::kInvalidArgument, "beta");
  refused({{"rope_type", "yarn"}, {"factor", 4}, {"original_max_position_embeddings", 0}}, Code::kInvalidArgument,
          "original_max_position_embeddings");
  refused({{"rope_type", "dynamic"}, {"factor", 0.5}}, Code::kInvalidArgument, "below 1");
  refused({{"rope_type", "default"}, {"partial_rotary_factor", 1.5}}, Code::kInvalidArgument, "partial_rotary_factor");
  refused({{"rope_type", "default"}, {"partial_rotary_factor", 0.4}}, Code::kInvalidArgument, "even");
  refused(7, Code::kInvalidArgument, "not an object");
}

TEST(ConfigTest, LayersOfAFamilyComeWithTheirWindowsAndRotaryPositions) {
  Value gemma = With(With(LlamaJson(), "model_type", "gemma3_text"), "architectures", {"Gemma3ForCausalLM"});
  gemma.erase("hidden_act");
  gemma["num_hidden_layers"] = 3;
  gemma["sliding_window"] = 32;
  gemma["sliding_window_pattern"] = 2;
  const auto config = ConfigFromJson(gemma, "config.json");
  ASSERT_TRUE(config) << ToString(config.error());
  EXPECT_EQ(
      config->decoder.layers,
      (std::vector<DecoderLayer>{{.rope = 1, .window = 32}, {.rope = 0, .window = 0}, {.rope = 1, .window = 32}}));
  EXPECT_EQ(config->decoder.ropes.size(), 2u);
  EXPECT_EQ(config->head_dim, 256);

  Value smollm = With(With(LlamaJson(), "model_type", "smollm3"), "architectures", {"SmolLM3ForCausalLM"});
  smollm["no_rope_layers"] = {0, 1};
  const auto without = ConfigFromJson(smollm, "config.json");
  ASSERT_TRUE(without) << ToString(without.error());
  EXPECT_EQ(without->decoder.layers[0].rope, DecoderLayer::kNoRope);
  EXPECT_EQ(without->decoder.layers[1].rope, 0);
}

TEST(ConfigTest, FieldsThatNobodyKnowsAreRefusedUnlessTheySayNo) {
  ExpectRefused(With(LlamaJson(), "residual_multiplier", 0.22), Code::kUnimplemented, "residual_multiplier");
  ExpectRefused(With(LlamaJson(), "quantization_config", {{"bits", 4}}), Code::kUnimplemented, "quantization_config");
  ExpectRefused(With(LlamaJson(), "layer_types", {"full_attention", "full_attention"}), Code::kUnimplemented,
                "layer_types");
  for (const Value& no : {Value(), Value(false), Value::object(), Value::array()}) {
    EXPECT_TRUE(ConfigFromJson(With(LlamaJson(), "rope_interleaved", no), "config.json")) << no.dump();
  }
  EXPECT_TRUE(ConfigFromJson(With(LlamaJson(), "torch_dtype", "bfloat16"), "config.json"));
}

TEST(ConfigTest, BertComesWithTheLabelsOfItsHead) {
  const auto config = ConfigFromJson(BertJson(), "config.json");
  ASSERT_TRUE(config) << ToString(config.error());
  EXPECT_EQ(config->family, Family::kBert);
  EXPECT_EQ(config->labels, (std::vector<std::string>{"no", "yes"}));
  ExpectRefused(With(BertJson(), "id2label", {{"0", "no"}, {"2", "yes"}}), Code::kInvalidArgument, "id2label");
  EXPECT_EQ(config->score_temperature, 1);
  EXPECT_EQ(ConfigFromJson(With(BertJson(), "score_temperature", 1.5), "config.json")->score_temperature, 1.5);
  ExpectRefused(With(BertJson(), "score_temperature", 0), Code::kInvalidArgument, "between 0.01 and 100");
}

TEST(ConfigTest, WhatChangesTheNumbersAndIsNotKnownIsRefused) {
  ExpectRefused(With(LlamaJson(), "model_type", "mamba"), Code::kUnimplemented, "mamba");
  ExpectRefused(With(LlamaJson(), "model_type", "mamba"), Code::kUnimplemented, "qwen3");
  ExpectRefused(With(LlamaJson(), "architectures", {"LlamaForSequenceClassification"}), Code::kUnimplemented,
                "LlamaForSequenceClassification");
  ExpectRefused(With(LlamaJson(), "hidden_act", "relu2"), Code::kUnimplemented, "relu2");
  ExpectRefused(With(BertJson(), "position_embedding_type", "relative_key"), Code::kUnimplemented,
                "position_embedding_type");
}

TEST(ConfigTest, WrongSizesAreRefused) {
  ExpectRefused(Value::array(), Code::kInvalidArgument, "not a JSON object");
  ExpectRefused(With(LlamaJson(), "hidden_size", nullptr), Code::kInvalidArgument, "hidden_size");
  ExpectRefused(With(LlamaJson(), "hidden_size", "64"), Code::kInvalidArgument, "hidden_size");
  ExpectRefused(With(LlamaJson(), "hidden_size", -64), Code::kInvalidArgument, "hidden size");
  ExpectRefused(With(LlamaJson(), "vocab_size", uint64_t{1} << 40), Code::kInvalidArgument, "vocabulary");
  ExpectRefused(With(LlamaJson(), "num_attention_heads", 0), Code::kInvalidArgument, "attention heads");
  ExpectRefused(With(LlamaJson(), "num_key_value_heads", 3), Code::kInvalidArgument, "evenly");
  ExpectRefused(With(LlamaJson(), "num_hidden_layers", 5000), Code::kInvalidArgument, "layers");
  ExpectRefused(With(LlamaJson(), "head_dim", 7), Code::kInvalidArgument, "odd");
  ExpectRefused(With(LlamaJson(), "rms_norm_eps", 0), Code::kInvalidArgument, "epsilon");
  ExpectRefused(With(LlamaJson(), "eos_token_id", 100), Code::kInvalidArgument, "eos_token_id");
  ExpectRefused(With(BertJson(), "hidden_size", 65), Code::kInvalidArgument, "multiple");
}

GgufBuilder LlamaGguf() {
  return GgufBuilder()
      .Text("general.architecture", "llama")
      .Number("llama.block_count", GgufBuilder::kU32, uint32_t{2})
      .Number("llama.embedding_length", GgufBuilder::kU32, uint32_t{32})
      .Number("llama.attention.head_count", GgufBuilder::kU32, uint32_t{4})
      .Number("llama.attention.head_count_kv", GgufBuilder::kU32, uint32_t{2})
      .Number("llama.feed_forward_length", GgufBuilder::kU32, uint32_t{48})
      .Number("llama.context_length", GgufBuilder::kU32, uint32_t{128})
      .Number("llama.attention.layer_norm_rms_epsilon", GgufBuilder::kF32, 1e-5f)
      .Tensor("token_embd.weight", {32, 4}, 0, std::string(512, '\0'));
}

TEST(ConfigTest, GgufGivesTheSameFacts) {
  const auto gguf = OpenGguf(LlamaGguf().Number("tokenizer.ggml.eos_token_id", GgufBuilder::kU32, uint32_t{3}).Build());
  ASSERT_TRUE(gguf);
  const auto config = ConfigFromGguf(*gguf);
  ASSERT_TRUE(config) << ToString(config.error());
  EXPECT_EQ(config->vocab_size, 4);
  EXPECT_EQ(config->head_dim, 8);
  EXPECT_TRUE(config->decoder.tied_embeddings);
  EXPECT_EQ(config->eos_ids, (std::vector<int32_t>{3}));
}

TEST(ConfigTest, GgufOfAnotherKindIsRefused) {
  const auto code = [](const GgufBuilder& builder) {
    const auto gguf = OpenGguf(builder.Build());
    EXPECT_TRUE(gguf);
    const auto config = ConfigFromGguf(*gguf);
    return config ? Code::kOk : config.error().code;
  };
  EXPECT_EQ(code(GgufBuilder().Text("general.architecture", "mamba")), Code::kUnimplemented);
  EXPECT_EQ(code(LlamaGguf().Text("general.type", "adapter")), Code::kUnimplemented);
  EXPECT_EQ(code(LlamaGguf().Number("split.count", GgufBuilder::kU32, uint32_t{3})), Code::kUnimplemented);
  EXPECT_EQ(code(LlamaGguf().Text("llama.rope.scaling.type", "spiral")), Code::kUnimplemented);
  EXPECT_EQ(code(LlamaGguf().Text("llama.rope.scaling.type", "longrope")), Code::kNotFound);
  EXPECT_EQ(code(LlamaGguf().Number("llama.residual_scale", GgufBuilder::kF32, 0.5f)), Code::kUnimplemented);
  EXPECT_EQ(code(LlamaGguf().Number("llama.attention.causal", GgufBuilder::kBool, uint8_t{0})), Code::kUnimplemented);
  EXPECT_EQ(code(LlamaGguf().Tensor("rope_freqs.weight", {3}, 0, std::string(12, '\1'))), Code::kInvalidArgument);
  EXPECT_EQ(code(LlamaGguf().Number("llama.rope.dimension_count", GgufBuilder::kU32, uint32_t{10})),
            Code::kInvalidArgument);
  EXPECT_EQ(code(LlamaGguf().Number("llama.expert_count", GgufBuilder::kU32, uint32_t{8})), Code::kUnimplemented);
  EXPECT_EQ(code(LlamaGguf().Number("tokenizer.ggml.eos_token_id", GgufBuilder::kU32, uint32_t{4})),
            Code::kInvalidArgument);
  EXPECT_EQ(code(GgufBuilder().Text("general.architecture", "llama")), Code::kNotFound);
}

}  // namespace
}  // namespace troupe::model
