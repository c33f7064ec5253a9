// Model folders of random weights, made by the test: what kinds load without any download. A llama over the tiny
// byte-level vocabulary, and a BERT that knows the letters.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <string>

#include "agents/host/kind.h"
#include "agents/host/spec.h"
#include "runtime/kind/kind.h"
#include "tests/unit/model/safetensors_builder.h"
#include "tests/unit/model/tiny_bert.h"
#include "tests/unit/model/tiny_decoder.h"
#include "tests/unit/text/tiny_vocab.h"

namespace troupe::host {

// A folder of its own for each test, removed afterwards.
class TinyModelTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(testing::TempDir()) /
              (std::string("troupe_") + info->test_suite_name() + "_" + info->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static constexpr char kTemplate[] =
      "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>{% endfor %}"
      "<|im_start|>assistant\n";

  // Other seeds, other models.
  std::filesystem::path Llama(uint64_t seed = 7, const std::string& chat_template = kTemplate) {
    const auto path = folder_ / ("llama" + std::to_string(seed));
    model::ModelConfig c = model::TinyConfig(static_cast<int64_t>(text::TinyVocab().tokens.size()));
    Write(path, "config.json",
          {{"model_type", "llama"},
           {"hidden_size", c.hidden},
           {"num_hidden_layers", c.layers},
           {"num_attention_heads", c.heads},
           {"num_key_value_heads", c.kv_heads},
           {"head_dim", c.head_dim},
           {"intermediate_size", c.ffn},
           {"vocab_size", c.vocab_size},
           {"max_position_embeddings", c.max_positions},
           {"eos_token_id", text::kTinyEnd}});
    Write(path, "tokenizer.json", BytePairs());
    Value config = {{"eos_token", "<|im_end|>"}};
    if (!chat_template.empty()) config["chat_template"] = chat_template;
    Write(path, "tokenizer_config.json", config);
    WriteWeights(path, model::TinyWeights(c, seed));
    return path;
  }

  std::filesystem::path Bert() {
    const auto path = folder_ / "bert";
    const model::ModelConfig c = model::TinyBertConfig();
    Write(path, "config.json",
          {{"model_type", "bert"},
           {"hidden_size", c.hidden},
           {"num_hidden_layers", c.layers},
           {"num_attention_heads", c.heads},
           {"intermediate_size", c.ffn},
           {"vocab_size", c.vocab_size},
           {"max_position_embeddings", c.max_positions}});
    Write(path, "tokenizer.json", Letters());
    WriteWeights(path, model::TinyBertWeights(c));
    return path;
  }

  // As the host would hand it to the kind: checked by kind.yaml, defaults filled in.
  static Spec MakeSpec(const std::string& kind, const std::filesystem::path& model, Value config) {
    Spec spec;
    spec.agent = "tiny";
    spec.kind = kind;
    spec.model_path = model;
    auto checked = CheckConfig(*kind::FindKind(kind), std::move(config));
    EXPECT_TRUE(checked) << ToString(checked.error());
    if (checked) spec.config = std::move(*checked);
    return spec;
  }

 private:
  static void Write(const std::filesystem::path& folder, const char* name, const Value& json) {
    std::filesystem::create_directories(folder);
    std::ofstream(folder / name) << Dump(json);
  }

  static void WriteWeights(const std::filesystem::path& folder,
                           const std::map<std::string, at::Tensor, std::less<>>& weights) {
    Value header = Value::object();
    std::string data;
    for (const auto& [name, tensor] : weights) {
      const size_t begin = data.size();
      data.append(static_cast<const char*>(tensor.data_ptr()), static_cast<size_t>(tensor.numel()) * sizeof(float));
      header[name] = {{"dtype", "F32"}, {"shape", tensor.sizes().vec()}, {"data_offsets", {begin, data.size()}}};
    }
    std::ofstream(folder / "model.safetensors", std::ios::binary) << model::SafetensorsBytes(Dump(header), data);
  }

  static Value BytePairs() {
    const text::GgufVocab vocab = text::TinyVocab();
    Value tokens = Value::object(), added = Value::array();
    for (size_t id = 0; id < vocab.tokens.size(); ++id) {
      tokens[vocab.tokens[id]] = id;
      if (vocab.token_types[id] == static_cast<int32_t>(text::GgufTokenType::kControl)) {
        added.push_back({{"id", id},
                         {"content", vocab.tokens[id]},
                         {"special", true},
                         {"single_word", false},
                         {"lstrip", false},
                         {"rstrip", false},
                         {"normalized", false}});
      }
    }
    const Value byte_level = {
        {"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", true}};
    return {{"version", "1.0"},
            {"added_tokens", added},
            {"pre_tokenizer", byte_level},
            {"decoder", byte_level},
            {"model", {{"type", "BPE"}, {"vocab", tokens}, {"merges", vocab.merges}}}};
  }

  // WordPiece over single letters.
  static Value Letters() {
    Value tokens = {{"[PAD]", 0}, {"[UNK]", 1}, {"[CLS]", 2}, {"[SEP]", 3}};
    for (char letter = 'a'; letter <= 'w'; ++letter) tokens[std::string(1, letter)] = tokens.size();
    for (char letter = 'a'; letter <= 'w'; ++letter) tokens["##" + std::string(1, letter)] = tokens.size();
    const auto special = [](const char* name) { return Value{{"SpecialToken", {{"id", name}, {"type_id", 0}}}}; };
    const Value text = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}};
    const auto named = [](const char* name, int id) { return Value{{"id", name}, {"ids", {id}}, {"tokens", {name}}}; };
    return {{"version", "1.0"},
            {"added_tokens", Value::array()},
            {"pre_tokenizer", {{"type", "Whitespace"}}},
            {"post_processor",
             {{"type", "TemplateProcessing"},
              {"single", {special("[CLS]"), text, special("[SEP]")}},
              {"pair", {special("[CLS]"), text, special("[SEP]")}},
              {"special_tokens", {{"[CLS]", named("[CLS]", 2)}, {"[SEP]", named("[SEP]", 3)}}}}},
            {"model",
             {{"type", "WordPiece"},
              {"unk_token", "[UNK]"},
              {"continuing_subword_prefix", "##"},
              {"max_input_chars_per_word", 100},
              {"vocab", tokens}}}};
  }

  std::filesystem::path folder_;
};

// Holds the kind's thread inside a step until it is let go.
class Gate {
 public:
  void Pass() { open_.get_future().wait(); }
  void Open() { open_.set_value(); }

 private:
  std::promise<void> open_;
};

}  // namespace troupe::host
