#include "runtime/model/model_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/unit/model/models.h"

namespace troupe::model {
namespace {

using ::testing::HasSubstr;

class ModelFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    folder_ = std::filesystem::path(::testing::TempDir()) / ("troupe_model_files_" + name);
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void Write(const std::string& name, const std::string& content) { std::ofstream(folder_ / name) << content; }
  void ExpectRefused(const std::filesystem::path& path, Code code, const std::string& reason) {
    const auto files = LoadFolderOrGguf(path);
    ASSERT_FALSE(files);
    EXPECT_EQ(files.error().code, code) << files.error().message;
    EXPECT_THAT(files.error().message, HasSubstr(reason));
  }

  std::filesystem::path folder_;
};

TEST_F(ModelFilesTest, WhatIsNoModelIsRefusedWithTheReason) {
  ExpectRefused(folder_ / "nowhere", Code::kNotFound, "no such model");
  ExpectRefused(folder_, Code::kNotFound, "config.json");
  Write("notes.txt", "hello");
  ExpectRefused(folder_ / "notes.txt", Code::kInvalidArgument, "neither");
  Write("empty.gguf", "");
  ExpectRefused(folder_ / "empty.gguf", Code::kInvalidArgument, "empty");
  Write("config.json", "{");
  ExpectRefused(folder_, Code::kInvalidArgument, "config.json");
  Write("config.json", R"({"model_type": "bert", "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
    "intermediate_size": 8, "vocab_size": 8, "max_position_embeddings": 8})");
  ExpectRefused(folder_, Code::kNotFound, "safetensors");
}

TEST_F(ModelFilesTest, SmolLm2IsWhole) {
  SKIP_WITHOUT(SmolLm2());
  const auto files = LoadFolderOrGguf(SmolLm2());
  ASSERT_TRUE(files) << ToString(files.error());
  EXPECT_EQ(files->config.layers, 30);
  EXPECT_EQ(files->config.vocab_size, 49152);
  EXPECT_EQ(files->eos, "<|im_end|>");
  EXPECT_EQ(files->end_ids, (std::vector<int32_t>{2}));
  EXPECT_THAT(files->chat_template, HasSubstr("<|im_start|>"));
  EXPECT_EQ(files->tokenizer->IdOf("<|im_end|>"), 2);
  const auto digest = files->Digest();
  ASSERT_TRUE(digest);
  EXPECT_EQ(digest->size(), 64u);
}

}  // namespace
}  // namespace troupe::model
