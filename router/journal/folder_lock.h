// Held as long as somebody works on a journal's folder: one router, or one command that reads it. The kernel lets go of
// it when the process ends, however it ends.
#pragma once

#include <filesystem>
#include <utility>

#include "runtime/base/error.h"

namespace troupe::journal {

class FolderLock {
 public:
  FolderLock(FolderLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

  // Errors: FAILED_PRECONDITION where another process has it, with its number; PERMISSION_DENIED where the folder
  // cannot be written.
  static Result<FolderLock> Take(const std::filesystem::path& folder);

 private:
  explicit FolderLock(int file) : file_(file) {}
  int file_;
};

}  // namespace troupe::journal
