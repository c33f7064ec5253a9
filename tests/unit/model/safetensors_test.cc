#include "runtime/model/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/model/safetensors_builder.h"

namespace troupe::model {
namespace {

using ::testing::HasSubstr;

void ExpectRefused(std::string bytes, const std::string& reason) {
  const auto file = OpenSafetensors(std::move(bytes));
  ASSERT_FALSE(file) << "accepted, expected: " << reason;
  EXPECT_THAT(file.error().message, HasSubstr(reason));
  EXPECT_THAT(file.error().message, HasSubstr("t.safetensors"));
}

TEST(SafetensorsTest, TensorsComeBackInPlace) {
  const auto file = OpenSafetensors(SafetensorsBytes(
      R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},
          "s":{"dtype":"I64","shape":[],"data_offsets":[8,16]},"e":{"dtype":"F16","shape":[0,4],"data_offsets":[8,8]}})",
      std::string(8, '\1') + std::string(8, '\2')));
  ASSERT_TRUE(file) << ToString(file.error());
  ASSERT_EQ(file->tensors().size(), 3u);
  EXPECT_EQ(file->Find("a")->shape, (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(file->Find("s")->bytes[0], std::byte{2});
  EXPECT_EQ(file->Find("e")->bytes.size(), 0u);
  EXPECT_EQ(file->Find("x"), nullptr);
}

TEST(SafetensorsTest, LyingHeadersAreRefused) {
  ExpectRefused("abc", "too short");
  ExpectRefused(std::string(8, '\xff') + "{}", "claims 18446744073709551615 bytes");
  ExpectRefused(SafetensorsBytes("{", ""), "no JSON");
  ExpectRefused(SafetensorsBytes("[]", ""), "no JSON object");
  ExpectRefused(SafetensorsBytes(std::string(5000, '['), ""), "no JSON");
  ExpectRefused(SafetensorsBytes(R"({"a":1,"a":2})", ""), "no JSON");
}

TEST(SafetensorsTest, TensorsThatLieAreRefused) {
  const auto one = [](const std::string& entry, size_t bytes) {
    return SafetensorsBytes("{\"w\":" + entry + "}", std::string(bytes, '\0'));
  };
  ExpectRefused(one("7", 0), "its header is no object");
  ExpectRefused(one(R"({"shape":[1],"data_offsets":[0,4]})", 4), "dtype");
  ExpectRefused(one(R"({"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]})", 4), "F8_E4M3");
  ExpectRefused(one(R"({"dtype":"F32","shape":[-1],"data_offsets":[0,4]})", 4), "shape");
  ExpectRefused(one(R"({"dtype":"F32","shape":[1.5],"data_offsets":[0,4]})", 4), "shape");
  ExpectRefused(one(R"({"dtype":"F32","shape":[1],"data_offsets":[0]})", 4), "data_offsets");
  ExpectRefused(one(R"({"dtype":"F32","shape":[1],"data_offsets":[-4,0]})", 4), "data_offsets");
  ExpectRefused(one(R"({"dtype":"F32","shape":[1],"data_offsets":[4,0]})", 4), "ends before it begins");
  ExpectRefused(one(R"({"dtype":"F32","shape":[2],"data_offsets":[0,4]})", 4), "its shape takes 8 bytes");
  ExpectRefused(one(R"({"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]})", 4), "overflows");
  ExpectRefused(one(R"({"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]})", 4), "9 dimensions");
  ExpectRefused(one(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})", 4), "cut short");
  ExpectRefused(one(R"({"dtype":"F32","shape":[1],"data_offsets":[4,8]})", 8), "hole");
  ExpectRefused(one(R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]})", 8), "belong to none");
}

TEST(SafetensorsTest, OverlapsAreRefused) {
  ExpectRefused(SafetensorsBytes(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},
                                     "b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})",
                                 "abcdef"),
                "overlaps");
}

}  // namespace
}  // namespace troupe::model
