// How much of this machine's CPU a process may really use: the least of what affinity, the cgroups around it and the
// machine allow. std::thread::hardware_concurrency knows nothing of cgroup quotas.
#pragma once

#include "runtime/device/detect.h"
#include "runtime/device/device.h"

namespace troupe::device {

// Files that are missing or make no sense count as no limit: a CPU is always there.
Device DetectCpu(const Sources& sources);

}  // namespace troupe::device
