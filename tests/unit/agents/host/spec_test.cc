#include "agents/host/spec.h"

#include <gtest/gtest.h>

#include <vector>

namespace troupe::host {
namespace {
const std::vector<device::Device> kCpuOnly = {
    {.kind = device::Kind::kCpu, .name = "Some CPU", .product = "cpu", .cores = 2}};

Code CodeOf(std::string_view json) {
  auto spec = ParseSpec(json, kCpuOnly);
  return spec ? Code::kOk : spec.error().code;
}

TEST(SpecTest, ReadsWhatTheRouterWrites) {
  // given: configJson is {"echo":true}, as protobuf writes bytes
  const std::string json = R"({"agent":"a","graph":"g","kind":"scripted","configJson":"eyJlY2hvIjp0cnVlfQ==",
                              "slots":3,"queueLimit":7,"maxTokens":"90","basePath":"/graphs"})";
  // when
  auto spec = ParseSpec(json, kCpuOnly);
  // then
  ASSERT_TRUE(spec) << ToString(spec.error());
  EXPECT_EQ(spec->config.at("echo"), true);
  EXPECT_EQ(spec->config.at("maxTokens"), 0);  // a default
  EXPECT_EQ(spec->slots, 3);
  EXPECT_EQ(spec->queue_limit, 7);
  EXPECT_EQ(spec->max_tokens, 90);
  EXPECT_EQ(spec->device.product, "cpu");
  EXPECT_EQ(spec->relaxed_from, "");
  EXPECT_EQ(spec->digest.size(), 64u);
}

TEST(SpecTest, ReadsWhatAPersonWrites) {
  // when
  auto spec = ParseSpec(R"({"agent":"a","kind":"scripted","config":{"echo":true}})", kCpuOnly);
  // then
  ASSERT_TRUE(spec) << ToString(spec.error());
  EXPECT_EQ(spec->config.at("echo"), true);
}

TEST(SpecTest, RefusesWhatIsWrong) {
  EXPECT_EQ(CodeOf("{"), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf("[]"), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(R"({"kind":"scripted"})"), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(R"({"agent":"a","kind":"nothing"})"), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(R"({"agent":"a","kind":"scripted","unknown":1})"), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(R"({"agent":"a","kind":"scripted","slots":-1})"), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(R"({"agent":"a","kind":"scripted","config":{"echo":"yes"}})"), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(R"({"agent":"a","kind":"scripted","config":{"ecko":true}})"), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(R"({"agent":"a","kind":"generate"})"), Code::kInvalidArgument);  // needs a model
}

TEST(SpecTest, RefusesAWrongPinAndRelaxesItWhereTold) {
  // given
  const std::string pinned = R"({"agent":"a","kind":"scripted","pin":{"gpus":["NVIDIA-L4"])";
  // when
  auto strict = ParseSpec(pinned + "}}", kCpuOnly);
  auto relaxed = ParseSpec(pinned + R"(,"relaxed":true}})", kCpuOnly);
  // then
  ASSERT_FALSE(strict);
  EXPECT_EQ(strict.error().code, Code::kFailedPrecondition);
  EXPECT_NE(strict.error().message.find("NVIDIA-L4"), std::string::npos);
  ASSERT_TRUE(relaxed) << ToString(relaxed.error());
  EXPECT_EQ(relaxed->relaxed_from, "NVIDIA-L4");
}

TEST(SpecTest, TheModelMustHaveTheDigestThatTheGraphStates) {
  // given
  Spec spec;
  EXPECT_TRUE(CheckModelDigest(spec, "abc"));
  spec.model_sha256 = "abc";
  // when, then
  EXPECT_TRUE(CheckModelDigest(spec, "abc"));
  EXPECT_EQ(CheckModelDigest(spec, "abd").error().code, Code::kFailedPrecondition);
}
}  // namespace
}  // namespace troupe::host
