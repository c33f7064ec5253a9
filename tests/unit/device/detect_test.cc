#include "runtime/device/detect.h"

#include "runtime/device/torch_device.h"
#include "tests/unit/device/machine.h"

namespace troupe::device {
namespace {

using DetectTest = Machine;

TEST_F(DetectTest, TheCpuComesFirstThenTheGpusWithLabels) {
  Sources sources = MakeSources(2);
  sources.gpus = [] {
    return Result<std::vector<GpuInfo>>(
        std::vector<GpuInfo>{{"NVIDIA L4", "GPU-1", 24, 20}, {"NVIDIA A10G", "GPU-2", 23, 1}});
  };
  const auto devices = Detect(sources);
  ASSERT_TRUE(devices) << ToString(devices.error());
  ASSERT_EQ(devices->size(), 3u);
  EXPECT_EQ((*devices)[0].kind, Kind::kCpu);
  EXPECT_EQ((*devices)[1].product, "NVIDIA-L4");
  EXPECT_EQ((*devices)[2].product, "NVIDIA-A10G");
  EXPECT_EQ((*devices)[2].index, 1);
  EXPECT_EQ((*devices)[2].memory_free_bytes, 1);
  EXPECT_EQ((*devices)[2].uuid, "GPU-2");
  EXPECT_EQ((*devices)[2].memory_granted_bytes, 0);
}

TEST_F(DetectTest, ADriverThatDoesNotAnswerIsAnError) {
  Sources sources = MakeSources(2);
  sources.gpus = [] { return Result<std::vector<GpuInfo>>(Unavailable("the driver sleeps")); };
  const auto devices = Detect(sources);
  ASSERT_FALSE(devices);
  EXPECT_EQ(devices.error().code, Code::kUnavailable);
}

TEST(ThisMachineTest, HasACpuWithACoreAndMemory) {
  const auto devices = Detect();
  ASSERT_TRUE(devices) << ToString(devices.error());
  ASSERT_FALSE(devices->empty());
  EXPECT_GE(devices->front().cores, 1);
  EXPECT_GT(devices->front().memory_total_bytes, 0);
  EXPECT_LE(devices->front().memory_free_bytes, devices->front().memory_total_bytes);
}

TEST(TorchDeviceTest, TheCpuIsTheCpu) {
  const auto device = ToTorch(Device{});
  ASSERT_TRUE(device);
  EXPECT_TRUE(device->is_cpu());
}

TEST(TorchDeviceTest, AGpuThatIsNotThereIsRefusedWithTheReason) {
  Device gpu;
  gpu.kind = Kind::kCuda;
  gpu.index = 99;
  gpu.product = "NVIDIA-L4";
  const auto device = ToTorch(gpu);
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().code, Code::kFailedPrecondition);
  EXPECT_NE(device.error().message.find("CUDA"), std::string::npos) << device.error().message;
}

}  // namespace
}  // namespace troupe::device
