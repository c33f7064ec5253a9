// A lock between processes: flock on a file, given back when the object or the process ends, by a kill too.
#pragma once

#include <filesystem>
#include <optional>

#include "runtime/base/error.h"

namespace troupe {

class FileLock {
 public:
  enum class Mode { kShared, kExclusive };

  // Nothing where another process holds it. Makes the file and its folder where they are not there. The file locked is
  // the one that stands at `path` at that moment. Errors: FAILED_PRECONDITION where the file cannot be opened.
  static Result<std::optional<FileLock>> Try(const std::filesystem::path& path, Mode mode);

  FileLock(FileLock&& other) noexcept : file_(other.file_) { other.file_ = -1; }
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

  // The open file, for reading and writing what is locked.
  int file() const { return file_; }

 private:
  explicit FileLock(int file) : file_(file) {}
  int file_;
};

}  // namespace troupe
