#include "runtime/model/shards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "runtime/model/weights.h"
#include "tests/unit/model/safetensors_builder.h"

namespace troupe::model {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kIndex = "model.safetensors.index.json";

class ShardsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    folder_ = std::filesystem::path(::testing::TempDir()) / ("troupe_shards_" + name);
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "model");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Write(std::string_view name, std::string_view content) {
    std::ofstream(folder_ / "model" / name, std::ios::binary) << content;
  }
  // A shard with tensors of one number each.
  void WriteShard(std::string_view name, const std::vector<std::string>& tensors) {
    Value header = Value::object();
    for (size_t i = 0; i < tensors.size(); ++i) {
      header[tensors[i]] = {{"dtype", "F32"}, {"shape", {1}}, {"data_offsets", {4 * i, 4 * i + 4}}};
    }
    Write(name, SafetensorsBytes(header.dump(), std::string(4 * tensors.size(), '\1')));
  }
  // Two shards, and an index that fits.
  void WriteTwo() {
    WriteShard("a-1.safetensors", {"x", "y"});
    WriteShard("a-2.safetensors", {"z"});
    Write(kIndex, R"({"metadata": {"total_size": 12},
      "weight_map": {"x": "a-1.safetensors", "y": "a-1.safetensors", "z": "a-2.safetensors"}})");
  }
  void ExpectRefused(Code code, const std::string& reason) {
    const auto opened = OpenSafetensorsOf(folder_ / "model");
    ASSERT_FALSE(opened) << "accepted, expected: " << reason;
    EXPECT_EQ(opened.error().code, code) << opened.error().message;
    EXPECT_THAT(opened.error().message, HasSubstr(reason));
  }

  std::filesystem::path folder_;
};

TEST_F(ShardsTest, TensorsComeFromTheShardsThatTheIndexNames) {
  WriteTwo();
  WriteShard("consolidated.safetensors", {"x"});  // not in the index: another writing of the same model
  auto opened = OpenSafetensorsOf(folder_ / "model");
  ASSERT_TRUE(opened) << ToString(opened.error());
  ASSERT_EQ(opened->size(), 2u);
  const auto weights = WeightsFromSafetensors(std::move(*opened));
  ASSERT_TRUE(weights) << ToString(weights.error());
  for (const char* name : {"x", "y", "z"}) EXPECT_TRUE((*weights)->Load(name, {1})) << name;
  EXPECT_FALSE((*weights)->Has("consolidated"));
}

TEST_F(ShardsTest, OneWholeFileNeedsNoIndex) {
  WriteTwo();
  WriteShard("model.safetensors", {"x"});
  const auto opened = OpenSafetensorsOf(folder_ / "model");
  ASSERT_TRUE(opened) << ToString(opened.error());
  ASSERT_EQ(opened->size(), 1u);
  EXPECT_EQ((*opened)[0].path().filename(), "model.safetensors");
}

TEST_F(ShardsTest, AMissingShardIsNamed) {
  WriteTwo();
  std::filesystem::remove(folder_ / "model" / "a-2.safetensors");
  ExpectRefused(Code::kNotFound, "a-2.safetensors is missing");
}

TEST_F(ShardsTest, AnIndexThatContradictsItsShardsIsRefused) {
  WriteTwo();
  Write(kIndex, R"({"weight_map": {"x": "a-1.safetensors", "z": "a-2.safetensors"}})");
  ExpectRefused(Code::kInvalidArgument, "does not name the tensor \"y\"");
  Write(kIndex, R"({"weight_map": {"x": "a-1.safetensors", "y": "a-2.safetensors", "z": "a-2.safetensors"}})");
  ExpectRefused(Code::kInvalidArgument, "\"y\" is said to be in a-2.safetensors, but is in a-1.safetensors");
  Write(kIndex, R"({"weight_map": {"x": "a-1.safetensors", "y": "a-1.safetensors", "z": "a-2.safetensors",
    "w": "a-2.safetensors"}})");
  ExpectRefused(Code::kInvalidArgument, "\"w\" is said to be in a-2.safetensors, which does not hold it");
  Write(kIndex, R"({"metadata": {"total_size": 16},
    "weight_map": {"x": "a-1.safetensors", "y": "a-1.safetensors", "z": "a-2.safetensors"}})");
  ExpectRefused(Code::kInvalidArgument, "\"total_size\" is 16, the shards hold 12");
}

TEST_F(ShardsTest, ATensorInTwoShardsIsRefused) {
  WriteTwo();
  WriteShard("a-2.safetensors", {"z", "x"});
  ExpectRefused(Code::kInvalidArgument, "\"x\" is said to be in a-1.safetensors, but is in a-2.safetensors");
  // without an index the files themselves tell
  std::filesystem::remove(folder_ / "model" / kIndex);
  auto opened = OpenSafetensorsOf(folder_ / "model");
  ASSERT_TRUE(opened) << ToString(opened.error());
  const auto weights = WeightsFromSafetensors(std::move(*opened));
  ASSERT_FALSE(weights);
  EXPECT_THAT(weights.error().message, HasSubstr("tensor \"x\" is in "));
}

TEST_F(ShardsTest, NamesThatLeadOutOfTheFolderAreRefused) {
  WriteShard("../outside.safetensors", {"x"});
  for (const char* name :
       {"../outside.safetensors", "/etc/x.safetensors", "..\\\\outside.safetensors", "sub/a.safetensors",
        ".hidden.safetensors", "a.bin", ".safetensors", "a\\u0000.safetensors", "c:a.safetensors", ""}) {
    Write(kIndex, std::string(R"({"weight_map": {"x": ")") + name + R"("}})");
    ExpectRefused(Code::kInvalidArgument, "not the plain name");
  }
  Write(kIndex, R"({"weight_map": {"x": 7}})");
  ExpectRefused(Code::kInvalidArgument, "not the plain name");
}

TEST_F(ShardsTest, WhatIsNoIndexIsRefused) {
  for (const char* text :
       {"{", "[]", "{}", R"({"weight_map": {}})", R"({"weight_map": []})", R"({"weight_map": "x"})"}) {
    Write(kIndex, text);
    ExpectRefused(Code::kInvalidArgument, std::string(kIndex));
  }
  for (const char* size : {"-1", "\"12\"", "1e300", "[]"}) {
    Write(kIndex,
          std::string(R"({"metadata": {"total_size": )") + size + R"(}, "weight_map": {"x": "a.safetensors"}})");
    ExpectRefused(Code::kInvalidArgument, "total_size");
  }
  Write(kIndex, R"({"weight_map": {"x": "a.safetensors", "x": "b.safetensors"}})");
  ExpectRefused(Code::kInvalidArgument, std::string(kIndex));
  std::string many = R"({"weight_map": {"t": "s.safetensors")";
  for (int i = 0; i < 5000; ++i) many += ", \"t" + std::to_string(i) + "\": \"s" + std::to_string(i) + ".safetensors\"";
  Write(kIndex, many + "}}");
  ExpectRefused(Code::kInvalidArgument, "more than 4096 shards");
}

TEST_F(ShardsTest, DamagedIndexFilesNeverCrash) {
  const std::string whole =
      R"({"metadata": {"total_size": 12}, "weight_map": {"x": "a-1.safetensors", "z": "a-2.safetensors"}})";
  ASSERT_TRUE(ShardIndex::Parse(whole, "index"));
  constexpr uint32_t kSeed = 20261124;
  std::mt19937 random(kSeed);
  int accepted = 0;
  for (int i = 0; i < 4000; ++i) {
    SCOPED_TRACE("seed " + std::to_string(kSeed) + " mutation " + std::to_string(i));
    std::string damaged = whole;
    for (uint32_t edits = 1 + random() % 3; edits > 0; --edits) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    if (random() % 4 == 0) damaged.resize(random() % damaged.size());
    const auto index = ShardIndex::Parse(damaged, "index");
    if (!index) continue;
    ++accepted;
    for (const std::string& shard : index->Shards()) EXPECT_EQ(shard.find('/'), std::string::npos);
  }
  EXPECT_GT(accepted, 0);
  EXPECT_LT(accepted, 4000);
}

}  // namespace
}  // namespace troupe::model
