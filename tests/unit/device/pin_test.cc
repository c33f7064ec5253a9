#include "runtime/device/pin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::device {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kGib = int64_t{1} << 30;

Device Cpu() { return {Kind::kCpu, 0, "Test CPU", "cpu", 4, 16 * kGib, 8 * kGib}; }
Device Gpu(int index, const std::string& name, int64_t free_bytes) {
  return {Kind::kCuda, index, name, ProductLabel(name), 0, 24 * kGib, free_bytes};
}

TEST(PinTest, ACpuPinTakesTheCpuEvenBesideAGpu) {
  const std::vector<Device> devices{Gpu(0, "NVIDIA L4", kGib), Cpu()};
  const auto choice = Match({}, devices);
  ASSERT_TRUE(choice) << ToString(choice.error());
  EXPECT_EQ(choice->device, Cpu());
  EXPECT_FALSE(choice->relaxed);
}

TEST(PinTest, TheMostWantedCardWinsAndOfEqualOnesTheFreest) {
  const std::vector<Device> devices{Cpu(), Gpu(0, "NVIDIA A10G", 20 * kGib), Gpu(1, "NVIDIA L4", 3 * kGib),
                                    Gpu(2, "NVIDIA L4", 9 * kGib)};
  const auto choice = Match({.gpus = {"NVIDIA-L4", "NVIDIA-A10G"}}, devices);
  ASSERT_TRUE(choice) << ToString(choice.error());
  EXPECT_EQ(choice->device.index, 2);
}

TEST(PinTest, TheWrongCardIsRefusedAndBothAreNamed) {
  const std::vector<Device> devices{Cpu(), Gpu(0, "NVIDIA H200", 20 * kGib)};
  const auto choice = Match({.gpus = {"NVIDIA-L4"}}, devices);
  ASSERT_FALSE(choice);
  EXPECT_EQ(choice.error().code, Code::kFailedPrecondition);
  EXPECT_THAT(choice.error().message, HasSubstr("NVIDIA-L4"));
  EXPECT_THAT(choice.error().message, HasSubstr("NVIDIA-H200"));
}

TEST(PinTest, APartOfANameIsNotTheCard) {
  const std::vector<Device> devices{Cpu(), Gpu(0, "NVIDIA L40S", 20 * kGib)};
  EXPECT_FALSE(Match({.gpus = {"NVIDIA-L4"}}, devices));
}

TEST(PinTest, RelaxedPinsTakeWhatIsThereAndSaySo) {
  const std::vector<Device> devices{Cpu(), Gpu(0, "NVIDIA H200", 20 * kGib)};
  const auto gpu = Match({.gpus = {"NVIDIA-L4"}}, devices, Pinning::kRelaxed);
  ASSERT_TRUE(gpu);
  EXPECT_TRUE(gpu->relaxed);
  EXPECT_EQ(gpu->device.product, "NVIDIA-H200");
  EXPECT_THAT(gpu->reason, HasSubstr("NVIDIA-L4"));
  EXPECT_THAT(gpu->reason, HasSubstr("relaxed"));

  const auto cpu = Match({.gpus = {"NVIDIA-L4"}}, std::vector<Device>{Cpu()}, Pinning::kRelaxed);
  ASSERT_TRUE(cpu);
  EXPECT_EQ(cpu->device.kind, Kind::kCpu);
}

TEST(PinTest, TheRightCardWithoutMemoryIsNotWrongButFull) {
  const std::vector<Device> devices{Cpu(), Gpu(0, "NVIDIA L4", kGib)};
  const auto choice = Match({.gpus = {"NVIDIA-L4"}, .memory_bytes = 2 * kGib}, devices);
  ASSERT_FALSE(choice);
  EXPECT_EQ(choice.error().code, Code::kResourceExhausted);
  EXPECT_THAT(choice.error().message, HasSubstr("2048 MiB"));
}

TEST(PinTest, AFullCardIsPassedOverForTheNextOne) {
  const std::vector<Device> devices{Gpu(0, "NVIDIA L4", kGib), Gpu(1, "NVIDIA A10G", 9 * kGib)};
  const auto choice = Match({.gpus = {"NVIDIA-L4", "NVIDIA-A10G"}, .memory_bytes = 2 * kGib}, devices);
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->device.index, 1);
}

TEST(PinTest, NoDeviceAtAllIsSaid) {
  const auto choice = Match({}, {});
  ASSERT_FALSE(choice);
  EXPECT_THAT(choice.error().message, HasSubstr("no device"));
}

}  // namespace
}  // namespace troupe::device
