// What one durable write costs on the disk that a journal lies on.
#pragma once

#include <filesystem>

#include "runtime/base/error.h"

namespace troupe::bench {

struct FsyncCost {
  double p50_us = 0.0;
  double p99_us = 0.0;
};

// `writes` times 4 KiB appended and fdatasync'ed, in a file of its own in `folder`.
Result<FsyncCost> MeasureFsync(const std::filesystem::path& folder, int writes);

}  // namespace troupe::bench
