#include "runtime/model/gguf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/model/gguf_builder.h"

namespace troupe::model {
namespace {

using ::testing::HasSubstr;

constexpr uint32_t kF32Tensor = 0;

std::string Bytes(size_t size) { return std::string(size, '\1'); }

void ExpectRefused(std::string bytes, const std::string& reason) {
  const auto gguf = OpenGguf(std::move(bytes));
  ASSERT_FALSE(gguf) << "accepted, expected: " << reason;
  EXPECT_THAT(gguf.error().message, HasSubstr(reason));
  EXPECT_THAT(gguf.error().message, HasSubstr("t.gguf"));
}

TEST(GgufTest, MetadataOfAllKindsComesBackTyped) {
  std::string nested;
  GgufBuilder::Append(nested, uint32_t{GgufBuilder::kArray});
  GgufBuilder::Append(nested, uint64_t{1});
  GgufBuilder::Append(nested, uint32_t{GgufBuilder::kU8});
  GgufBuilder::Append(nested, uint64_t{2});
  nested += "ab";
  const auto gguf = OpenGguf(GgufBuilder()
                                 .Text("name", "tiny")
                                 .Number("count", GgufBuilder::kU32, uint32_t{7})
                                 .Number("big", GgufBuilder::kU64, ~uint64_t{0})
                                 .Number("minus", GgufBuilder::kI32, int32_t{-7})
                                 .Number("eps", GgufBuilder::kF32, 0.5f)
                                 .Number("flag", GgufBuilder::kBool, uint8_t{1})
                                 .Texts("words", {"a", "", "c"})
                                 .Raw("nested", GgufBuilder::kArray, nested)
                                 .Build());
  ASSERT_TRUE(gguf) << ToString(gguf.error());
  EXPECT_EQ(gguf->GetString("name").value(), "tiny");
  EXPECT_EQ(gguf->GetInt("count").value(), 7);
  EXPECT_EQ(gguf->GetInt("minus").value(), -7);
  EXPECT_EQ(gguf->GetFloat("eps").value(), 0.5);
  EXPECT_EQ(gguf->GetIntOr("missing", 3).value(), 3);
  EXPECT_EQ(gguf->GetInt("missing").error().code, Code::kNotFound);
  EXPECT_EQ(gguf->GetInt("name").error().code, Code::kInvalidArgument);
  EXPECT_EQ(gguf->GetInt("big").error().code, Code::kInvalidArgument);
  EXPECT_EQ(std::get<std::vector<std::string>>(*gguf->FindMetadata("words")).size(), 3u);
  EXPECT_TRUE(std::holds_alternative<GgufNested>(*gguf->FindMetadata("nested")));
}

TEST(GgufTest, TensorsComeOutermostDimensionFirstAndInPlace) {
  const auto gguf = OpenGguf(GgufBuilder()
                                 .Tensor("a", {3, 2}, kF32Tensor, Bytes(24))
                                 .Tensor("b", {4}, kF32Tensor, std::string(16, '\2'))
                                 .Build());
  ASSERT_TRUE(gguf) << ToString(gguf.error());
  ASSERT_NE(gguf->Find("a"), nullptr);
  EXPECT_EQ(gguf->Find("a")->shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(gguf->Find("b")->bytes.size(), 16u);
  EXPECT_EQ(gguf->Find("b")->bytes[0], std::byte{2});
  EXPECT_EQ(gguf->Find("c"), nullptr);
}

TEST(GgufTest, VocabComesWithItsFlags) {
  const auto gguf = OpenGguf(GgufBuilder()
                                 .Text("tokenizer.ggml.model", "gpt2")
                                 .Texts("tokenizer.ggml.tokens", {"a", "b"})
                                 .Number("tokenizer.ggml.eos_token_id", GgufBuilder::kU32, uint32_t{1})
                                 .Number("tokenizer.ggml.add_bos_token", GgufBuilder::kBool, uint8_t{0})
                                 .Build());
  ASSERT_TRUE(gguf);
  const auto vocab = gguf->Vocab();
  ASSERT_TRUE(vocab) << ToString(vocab.error());
  EXPECT_EQ(vocab->tokens, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(vocab->eos_id, 1);
  EXPECT_EQ(vocab->add_bos, false);
  EXPECT_FALSE(vocab->bos_id);
}

TEST(GgufTest, WrongBeginningsAreRefused) {
  ExpectRefused("GG", "needs 4 bytes");
  ExpectRefused("ELF!aaaaaaaaaaaaaaaaaaaaaaaaaaa", "not a GGUF file");
  std::string version = GgufBuilder().Build();
  version[4] = 9;
  ExpectRefused(version, "version 9");
}

TEST(GgufTest, LyingCountsAreRefusedBeforeAnythingIsReserved) {
  std::string tensors = GgufBuilder().Build();
  std::memset(tensors.data() + 8, 0xff, 8);
  ExpectRefused(tensors, "tensors");
  std::string pairs = GgufBuilder().Build();
  std::memset(pairs.data() + 16, 0xff, 8);
  ExpectRefused(pairs, "metadata pairs");
  std::string array;
  GgufBuilder::Append(array, uint32_t{GgufBuilder::kString});
  GgufBuilder::Append(array, uint64_t{1} << 60);
  ExpectRefused(GgufBuilder().Raw("tokens", GgufBuilder::kArray, array).Build(), "more than the file has room for");
  std::string text;
  GgufBuilder::Append(text, uint64_t{1} << 63);
  ExpectRefused(GgufBuilder().Raw("name", GgufBuilder::kString, text).Build(), "metadata \"name\"");
}

TEST(GgufTest, UnknownTypesTwiceTheSameKeyAndBadBoolsAreRefused) {
  ExpectRefused(GgufBuilder().Raw("x", 99, "abcdefgh").Build(), "unknown type 99");
  ExpectRefused(GgufBuilder().Text("x", "1").Text("x", "2").Build(), "is there twice");
  ExpectRefused(GgufBuilder().Number("x", GgufBuilder::kBool, uint8_t{2}).Build(), "bool of value 2");
}

TEST(GgufTest, DeeplyNestedArraysAreRefused) {
  std::string nested;
  for (int i = 0; i < 1000; ++i) {
    GgufBuilder::Append(nested, uint32_t{GgufBuilder::kArray});
    GgufBuilder::Append(nested, uint64_t{1});
  }
  ExpectRefused(GgufBuilder().Raw("x", GgufBuilder::kArray, nested).Build(), "deeper than 4");
}

TEST(GgufTest, BadAlignmentIsRefused) {
  for (uint32_t alignment : {0u, 1u, 24u, 1u << 30}) {
    ExpectRefused(GgufBuilder().Number("general.alignment", GgufBuilder::kU32, alignment).Build(), "general.alignment");
  }
}

TEST(GgufTest, TensorsThatLieAreRefused) {
  const auto one = [](std::vector<uint64_t> dimensions, uint32_t type, uint64_t offset) {
    return GgufBuilder().TensorAt("w", std::move(dimensions), type, offset).Data(256).Build();
  };
  ExpectRefused(one({}, 0, 0), "0 dimensions");
  ExpectRefused(one({1, 1, 1, 1, 1}, 0, 0), "5 dimensions");
  ExpectRefused(one({0}, 0, 0), "dimension of 0");
  ExpectRefused(one({uint64_t{1} << 62, 8}, 0, 0), "overflows");
  ExpectRefused(one({uint64_t{1} << 62}, 0, 0), "overflows");
  ExpectRefused(one({33}, 3, 0), "not whole Q4_1 blocks");
  ExpectRefused(one({8}, 77, 0), "ggml type 77");
  ExpectRefused(one({8}, 0, 8), "not a multiple of the alignment");
  ExpectRefused(one({65}, 0, 0), "cut short");
  ExpectRefused(one({8}, 0, 1u << 20), "cut short");
  ExpectRefused(one({8}, 0, ~uint64_t{31}), "cut short");
}

TEST(GgufTest, OverlapsAndDoublesAreRefused) {
  ExpectRefused(GgufBuilder().TensorAt("a", {16}, 0, 0).TensorAt("b", {8}, 0, 32).Data(128).Build(), "overlaps");
  ExpectRefused(GgufBuilder().TensorAt("a", {8}, 0, 0).TensorAt("a", {8}, 0, 32).Data(128).Build(), "twice");
}

TEST(GgufTest, EveryShorterFileIsRefused) {
  const std::string whole = GgufBuilder().Text("name", "tiny").Tensor("w", {8}, 0, Bytes(32)).Build();
  ASSERT_TRUE(OpenGguf(whole));
  for (size_t size = 1; size < whole.size(); ++size) EXPECT_FALSE(OpenGguf(whole.substr(0, size))) << size;
}

}  // namespace
}  // namespace troupe::model
