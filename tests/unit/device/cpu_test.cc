#include "runtime/device/cpu.h"

#include "tests/unit/device/machine.h"

namespace troupe::device {
namespace {

using CpuTest = Machine;

TEST_F(CpuTest, WithoutCgroupsAffinityAndMeminfoCount) {
  const Device cpu = DetectCpu(MakeSources(6));
  EXPECT_EQ(cpu.kind, Kind::kCpu);
  EXPECT_EQ(cpu.name, "Test CPU 9000");
  EXPECT_EQ(cpu.product, "cpu");
  EXPECT_EQ(cpu.cores, 6);
  EXPECT_EQ(cpu.memory_total_bytes, int64_t{8} << 30);
  EXPECT_EQ(cpu.memory_free_bytes, int64_t{4} << 30);
}

TEST_F(CpuTest, TheTightestCgroupV2AroundTheProcessCounts) {
  Write("proc/self/cgroup", "0::/pods/pod7/agent\n");
  Write("sys/fs/cgroup/pods/cpu.max", "400000 100000\n");
  Write("sys/fs/cgroup/pods/pod7/cpu.max", "250000 100000\n");
  Write("sys/fs/cgroup/pods/pod7/agent/cpu.max", "max 100000\n");
  Write("sys/fs/cgroup/pods/pod7/memory.max", "1073741824\n");
  Write("sys/fs/cgroup/pods/pod7/memory.current", "268435456\n");
  Write("sys/fs/cgroup/pods/pod7/agent/memory.max", "max\n");
  const Device cpu = DetectCpu(MakeSources(8));
  EXPECT_EQ(cpu.cores, 2);
  EXPECT_EQ(cpu.memory_total_bytes, 1 << 30);
  EXPECT_EQ(cpu.memory_free_bytes, 3 << 28);
}

TEST_F(CpuTest, InAContainerTheMountsOwnLimitsCount) {
  Write("proc/self/cgroup", "0::/\n");
  Write("sys/fs/cgroup/cpu.max", "150000 50000\n");
  EXPECT_EQ(DetectCpu(MakeSources(8)).cores, 3);
}

TEST_F(CpuTest, CgroupV1QuotaAndMemoryCount) {
  Write("proc/self/cgroup", "9:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n");
  Write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "200000\n");
  Write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "2147483648\n");
  Write("sys/fs/cgroup/memory/memory.usage_in_bytes", "1073741824\n");
  const Device cpu = DetectCpu(MakeSources(8));
  EXPECT_EQ(cpu.cores, 2);
  EXPECT_EQ(cpu.memory_total_bytes, int64_t{2} << 30);
  EXPECT_EQ(cpu.memory_free_bytes, 1 << 30);
}

TEST_F(CpuTest, NoQuotaInV1IsNoLimit) {
  Write("proc/self/cgroup", "9:memory:/\n4:cpu:/\n");
  Write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  Write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  const Device cpu = DetectCpu(MakeSources(5));
  EXPECT_EQ(cpu.cores, 5);
  EXPECT_EQ(cpu.memory_total_bytes, int64_t{8} << 30);
}

TEST_F(CpuTest, AShareBelowOneCoreIsOneCore) {
  Write("proc/self/cgroup", "0::/\n");
  Write("sys/fs/cgroup/cpu.max", "25000 100000\n");
  EXPECT_EQ(DetectCpu(MakeSources(4)).cores, 1);
}

TEST_F(CpuTest, NonsenseInFilesIsNoLimit) {
  Write("proc/self/cgroup", "nonsense\n0::/../../..\n:::::\n");
  Write("sys/fs/cgroup/cpu.max", "many few\n");
  Write("proc/meminfo", "MemTotal: lots\n");
  const Device cpu = DetectCpu(MakeSources(3));
  EXPECT_EQ(cpu.cores, 3);
  EXPECT_EQ(cpu.memory_total_bytes, 0);
}

}  // namespace
}  // namespace troupe::device
