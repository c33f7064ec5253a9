// One file from a registry to the disk: goes on where an earlier try stopped (a kill too), tries again where the
// network or the server failed, and gives a file only when its content is what it must be. What came so far stays in
// the store's partial/ folder under the name of its digest. One call at a time, on the caller's thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "runtime/base/file_lock.h"
#include "runtime/hub/http.h"
#include "runtime/hub/listing.h"
#include "runtime/hub/store.h"

namespace troupe::hub {

struct RetryPolicy {
  // Tries in a row that bring less than 1 MiB before it is given up.
  int max_tries = 6;
  std::chrono::milliseconds first_pause{500};
  // Each pause is twice the one before, up to this.
  std::chrono::milliseconds max_pause{15'000};
};

// What a download needs of the world around it.
struct DownloadHooks {
  // Bytes of this file that are here, counted anew where a server begins again.
  std::function<void(int64_t bytes)> progress = [](int64_t) {};
  // A line worth showing: a retry and its reason, waiting for another process.
  std::function<void(const std::string&)> note = [](const std::string&) {};
  // Waits; false where the user wants to stop.
  std::function<bool(std::chrono::milliseconds)> pause;
};

// A complete and checked file, locked until it has been moved to its place.
struct Downloaded {
  FileLock lock;
  std::filesystem::path path;
  int64_t bytes = 0;
  std::string sha256;
};

// `commit` is what header X-Repo-Commit must say where it is there; empty for none. A file whose size nobody announces
// may have kMaxUnknownBytes. Errors: those of the server; DATA_LOSS for content that is not what was announced;
// CANCELLED; FAILED_PRECONDITION for the disk.
Result<Downloaded> Download(Http& http, const Store& store, const RemoteFile& file, const std::string& commit,
                            const RetryPolicy& policy, const DownloadHooks& hooks);

inline constexpr int64_t kMaxUnknownBytes = int64_t{16} << 30;

}  // namespace troupe::hub
