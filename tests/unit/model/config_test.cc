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
  EXPECT_EQ(config->family, Family::kLlama);
  EXPECT_EQ(config->head_dim, 8);
  EXPECT_EQ(config->kv_heads, 2);
  EXPECT_EQ(config->rope_theta, 1e5);
  EXPECT_TRUE(config->tied_embeddings);
  EXPECT_EQ(config->eos_ids, (std::vector<int32_t>{2, 3}));
}

TEST(ConfigTest, RopeParametersOfNewerFilesCountAndScalingIsRefused) {
  Value json = With(LlamaJson(), "rope_parameters", {{"rope_type", "default"}, {"rope_theta", 5e5}});
  EXPECT_EQ(ConfigFromJson(json, "config.json")->rope_theta, 5e5);
  ExpectRefused(With(LlamaJson(), "rope_scaling", {{"rope_type", "llama3"}, {"factor", 8}}), Code::kUnimplemented,
                "llama3");
  ExpectRefused(With(LlamaJson(), "rope_scaling", {{"type", "linear"}, {"factor", 2}}), Code::kUnimplemented, "linear");
}

TEST(ConfigTest, BertComesWithTheLabelsOfItsHead) {
  const auto config = ConfigFromJson(BertJson(), "config.json");
  ASSERT_TRUE(config) << ToString(config.error());
  EXPECT_EQ(config->family, Family::kBert);
  EXPECT_EQ(config->labels, (std::vector<std::string>{"no", "yes"}));
  ExpectRefused(With(BertJson(), "id2label", {{"0", "no"}, {"2", "yes"}}), Code::kInvalidArgument, "id2label");
}

TEST(ConfigTest, WhatChangesTheNumbersAndIsNotKnownIsRefused) {
  ExpectRefused(With(LlamaJson(), "model_type", "mamba"), Code::kUnimplemented, "mamba");
  ExpectRefused(With(LlamaJson(), "hidden_act", "gelu"), Code::kUnimplemented, "hidden_act");
  ExpectRefused(With(LlamaJson(), "attention_bias", true), Code::kUnimplemented, "attention_bias");
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
  EXPECT_TRUE(config->tied_embeddings);
  EXPECT_EQ(config->eos_ids, (std::vector<int32_t>{3}));
}

TEST(ConfigTest, GgufOfAnotherKindIsRefused) {
  const auto code = [](const GgufBuilder& builder) {
    const auto gguf = OpenGguf(builder.Build());
    EXPECT_TRUE(gguf);
    const auto config = ConfigFromGguf(*gguf);
    return config ? Code::kOk : config.error().code;
  };
  EXPECT_EQ(code(GgufBuilder().Text("general.architecture", "gemma3")), Code::kUnimplemented);
  EXPECT_EQ(code(LlamaGguf().Text("llama.rope.scaling.type", "yarn")), Code::kUnimplemented);
  EXPECT_EQ(code(LlamaGguf().Number("llama.expert_count", GgufBuilder::kU32, uint32_t{8})), Code::kUnimplemented);
  EXPECT_EQ(code(LlamaGguf().Number("tokenizer.ggml.eos_token_id", GgufBuilder::kU32, uint32_t{4})),
            Code::kInvalidArgument);
  EXPECT_EQ(code(GgufBuilder().Text("general.architecture", "llama")), Code::kNotFound);
}

}  // namespace
}  // namespace troupe::model
