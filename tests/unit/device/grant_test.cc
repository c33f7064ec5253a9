#include "runtime/device/grant.h"

#include <c10/core/AllocatorConfig.h>
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "runtime/device/pin.h"

namespace troupe::device {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr int64_t kGib = int64_t{1} << 30;

Device Cpu() { return {Kind::kCpu, 0, "Test CPU", "cpu", 4, 16 * kGib, 8 * kGib}; }
Device L4(int index, int64_t free_bytes = 20 * kGib) {
  return {Kind::kCuda, index, "NVIDIA L4", "NVIDIA-L4", 0, 24 * kGib, free_bytes, "GPU-" + std::to_string(index)};
}

TEST(OnlyGpu, OfTwoCardsOfOneProductTheNumberDecidesAndNotWhichIsFreer) {
  // given
  const std::vector<Device> devices{Cpu(), L4(0, 20 * kGib), L4(1, 3 * kGib)};
  for (const int number : {0, 1}) {
    // when
    const auto left = OnlyGpu(devices, number);
    ASSERT_TRUE(left) << ToString(left.error());
    const auto choice = Match({.gpus = {"NVIDIA-L4"}}, *left);
    // then
    ASSERT_TRUE(choice) << ToString(choice.error());
    EXPECT_EQ(choice->device, devices[static_cast<size_t>(number) + 1]);
  }
}

TEST(OnlyGpu, ACardThatIsNotHereIsRefusedWithThoseThatAre) {
  const auto refused = OnlyGpu(std::vector<Device>{Cpu(), L4(0), L4(1)}, 2);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kFailedPrecondition);
  EXPECT_THAT(refused.error().message, HasSubstr("no GPU number 2"));
  EXPECT_THAT(refused.error().message, HasSubstr("NVIDIA-L4 (cuda:1"));
}

TEST(OnlyGpu, NoneLeavesTheCpuSoThatARelaxedPinTakesNoCardOfOthers) {
  const auto left = OnlyGpu(std::vector<Device>{Cpu(), L4(0)}, kNoGpu);
  ASSERT_TRUE(left);
  EXPECT_THAT(*left, ElementsAre(Cpu()));
}

TEST(ParseGpuNumber, TakesNumbersAndNone) {
  EXPECT_EQ(*ParseGpuNumber("0"), 0);
  EXPECT_EQ(*ParseGpuNumber("17"), 17);
  EXPECT_EQ(*ParseGpuNumber("none"), kNoGpu);
  for (const char* text : {"", "-1", "1,2", "all", "99999999999"}) {
    const auto number = ParseGpuNumber(text);
    ASSERT_FALSE(number) << text;
    EXPECT_EQ(number.error().code, Code::kInvalidArgument);
  }
}

TEST(Granted, IsBytesOrPercentOfAllThatTheDeviceHas) {
  EXPECT_EQ(Granted(L4(0), {.percent = 50})->memory_granted_bytes, 12 * kGib);
  EXPECT_EQ(Granted(L4(0), {.bytes = 6 * kGib})->memory_granted_bytes, 6 * kGib);
  EXPECT_EQ(Granted(Cpu(), {.percent = 25})->memory_granted_bytes, 4 * kGib);
  EXPECT_EQ(*Granted(L4(0), {}), L4(0));
}

TEST(Granted, MoreThanThereIsAndLessThanCudaTakesAreRefused) {
  const auto more = Granted(L4(0), {.bytes = 25 * kGib});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Code::kResourceExhausted);
  EXPECT_THAT(more.error().message, HasSubstr("25GiB of the memory of NVIDIA-L4, which has 24.0 GiB"));
  const auto less = Granted(L4(0), {.percent = 2});
  ASSERT_FALSE(less);
  EXPECT_EQ(less.error().code, Code::kResourceExhausted);
  EXPECT_THAT(less.error().message, HasSubstr("grant more"));
  // the CPU keeps nothing for itself
  EXPECT_EQ(TensorBytes(*Granted(Cpu(), {.bytes = 1 << 20})), 1 << 20);
}

TEST(ConfinedEnvironment, ShowsOneCardAndLimitsWhatTensorsTake) {
  const Device card = *Granted(L4(1), {.percent = 50});
  EXPECT_THAT(ConfinedEnvironment(card, {}),
              UnorderedElementsAre(Pair("CUDA_DEVICE_ORDER", "PCI_BUS_ID"), Pair("CUDA_VISIBLE_DEVICES", "GPU-1"),
                                   // 11.5 of 24 GiB: CUDA's own half is off
                                   Pair("PYTORCH_CUDA_ALLOC_CONF", "per_process_memory_fraction:0.479166"),
                                   Pair("PYTORCH_ALLOC_CONF", "per_process_memory_fraction:0.479166")));
}

TEST(ConfinedEnvironment, KeepsTheAllocatorSettingsThatAreThereAndTouchesNothingForTheCpu) {
  const Device card = *Granted(L4(0), {.percent = 50});
  const auto with_new_name = ConfinedEnvironment(card, {{"PYTORCH_ALLOC_CONF", "expandable_segments:True"}});
  EXPECT_EQ(with_new_name.at("PYTORCH_CUDA_ALLOC_CONF"),
            "expandable_segments:True,per_process_memory_fraction:0.479166");
  EXPECT_EQ(with_new_name.at("PYTORCH_ALLOC_CONF"), with_new_name.at("PYTORCH_CUDA_ALLOC_CONF"));
  EXPECT_FALSE(ConfinedEnvironment(L4(0), {}).contains("PYTORCH_CUDA_ALLOC_CONF"));
  EXPECT_THAT(ConfinedEnvironment(*Granted(Cpu(), {.percent = 50}), {}), IsEmpty());
}

// One test for both: what it sets stays set in this process.
TEST(Confine, SetsWhatTheInstalledLibtorchReads) {
  // given: libtorch's CUDA half, which loads without a driver
  const Device card = *Granted(L4(1), {.percent = 50});
  // when
  const Device confined = Confine(card);
  // then the card is the only one that CUDA shows
  EXPECT_EQ(confined.index, 0);
  EXPECT_STREQ(getenv("CUDA_VISIBLE_DEVICES"), "GPU-1");
  // and the settings are such as the allocator takes
  void* library = dlopen("libc10_cuda.so", RTLD_NOW | RTLD_GLOBAL);
  if (library == nullptr) GTEST_SKIP() << "this libtorch has no CUDA half: " << dlerror();
  using c10::CachingAllocator::AcceleratorAllocatorConfig;
  const std::string settings = getenv("PYTORCH_CUDA_ALLOC_CONF");
  EXPECT_NO_THROW(AcceleratorAllocatorConfig::instance().parseArgs(settings)) << settings;
  EXPECT_EQ(AcceleratorAllocatorConfig::getKeys().count("per_process_memory_fraction"), 1u);
  // CUDA's own reader looks at them: it knows a fraction that makes no sense
  EXPECT_NO_THROW(AcceleratorAllocatorConfig::callDeviceConfigParserHook(settings));
  EXPECT_ANY_THROW(AcceleratorAllocatorConfig::callDeviceConfigParserHook("per_process_memory_fraction:1.5"));
}

}  // namespace
}  // namespace troupe::device
