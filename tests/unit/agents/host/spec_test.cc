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

constexpr int64_t kGib = int64_t{1} << 30;

// Two cards of one product, the second one emptier, and a CPU.
std::vector<device::Device> TwoCards() {
  std::vector<device::Device> devices = kCpuOnly;
  devices[0].memory_total_bytes = 64 * kGib;
  for (const int index : {0, 1}) {
    devices.push_back({.kind = device::Kind::kCuda,
                       .index = index,
                       .name = "NVIDIA L4",
                       .product = "NVIDIA-L4",
                       .memory_total_bytes = 24 * kGib,
                       .memory_free_bytes = (10 + index) * kGib});
  }
  return devices;
}

std::string Pinned(const std::string& more = "") {
  return R"({"agent":"a","kind":"scripted","pin":{"gpus":["NVIDIA-L4"])" + more + "}}";
}

TEST(SpecTest, StandsOnTheCardItIsGivenWithTheShareItIsGranted) {
  // given
  const std::string json = Pinned(R"(,"memoryPercent":50)");
  // when
  const auto found = ParseSpec(json, TwoCards());
  const auto given = ParseSpec(json, TwoCards(), {.gpu = 0});
  const auto less = ParseSpec(json, TwoCards(), {.gpu = 0, .memory = {.bytes = 6 * kGib}});
  // then
  ASSERT_TRUE(found && given && less);
  EXPECT_EQ(found->device.index, 1) << "the freest";
  EXPECT_EQ(given->device.index, 0);
  EXPECT_EQ(given->device.memory_granted_bytes, 12 * kGib);
  EXPECT_EQ(less->device.memory_granted_bytes, 6 * kGib) << "the command line is asked first";
  EXPECT_EQ(ParseSpec(Pinned(), TwoCards())->device.memory_granted_bytes, 0);
  EXPECT_EQ(ParseSpec(Pinned(R"(,"memoryBytes":"3221225472")"), TwoCards())->device.memory_granted_bytes, 3 * kGib);
}

TEST(SpecTest, RefusesACardThatIsNotThereOrIsAnother) {
  const auto code = [](const std::string& json, const Place& place) {
    const auto spec = ParseSpec(json, TwoCards(), place);
    return spec ? Code::kOk : spec.error().code;
  };
  EXPECT_EQ(code(Pinned(), {.gpu = 2}), Code::kFailedPrecondition);
  EXPECT_EQ(code(Pinned(), {.gpu = device::kNoGpu}), Code::kFailedPrecondition);
  EXPECT_EQ(code(R"({"agent":"a","kind":"scripted","pin":{"gpus":["NVIDIA-H200"]}})", {.gpu = 0}),
            Code::kFailedPrecondition);
  // one that is pinned to the CPU has no use of a card
  EXPECT_EQ(code(R"({"agent":"a","kind":"scripted"})", {.gpu = 0}), Code::kInvalidArgument);
  EXPECT_EQ(code(R"({"agent":"a","kind":"scripted"})", {.gpu = device::kNoGpu}), Code::kOk);
  // and more than a card has is granted to nobody
  EXPECT_EQ(code(Pinned(), {.memory = {.bytes = 30 * kGib}}), Code::kResourceExhausted);
}

TEST(SpecTest, RefusesAShareThatMakesNoSense) {
  for (const char* more : {R"(,"memoryPercent":101)", R"(,"memoryPercent":-1)", R"(,"memoryBytes":-1)",
                           R"(,"memoryBytes":1,"memoryPercent":1)"}) {
    const auto spec = ParseSpec(Pinned(more), TwoCards());
    ASSERT_FALSE(spec) << more;
    EXPECT_EQ(spec.error().code, Code::kInvalidArgument) << more;
  }
}

TEST(SpecTest, ARelaxedPinLeavesItsShareBehindWithItsCard) {
  // given
  const std::string json = Pinned(R"(,"relaxed":true,"memoryPercent":50)");
  // when
  const auto on_cpu = ParseSpec(json, TwoCards(), {.gpu = device::kNoGpu});
  const auto told = ParseSpec(json, TwoCards(), {.gpu = device::kNoGpu, .memory = {.percent = 25}});
  // then
  ASSERT_TRUE(on_cpu && told);
  EXPECT_EQ(on_cpu->device.kind, device::Kind::kCpu);
  EXPECT_EQ(on_cpu->relaxed_from, "NVIDIA-L4");
  EXPECT_EQ(on_cpu->device.memory_granted_bytes, 0);
  EXPECT_EQ(told->device.memory_granted_bytes, 16 * kGib);
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
