// A file mapped into memory, read-only: weights are read in place and shared between processes through the page cache.
// Whoever keeps a pointer into it keeps the shared_ptr. A file that is cut short while it is mapped raises SIGBUS, as
// for every mmap: weights are replaced by rename, never in place.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "runtime/base/error.h"

namespace troupe::model {

class MappedFile {
 public:
  // Errors: NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT for what is no regular file or empty.
  static Result<std::shared_ptr<const MappedFile>> Open(const std::filesystem::path& path);
  // Bytes in memory in place of a file, for tests.
  static std::shared_ptr<const MappedFile> FromBytes(std::string bytes, std::filesystem::path name = "memory");

  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  MappedFile() = default;

  std::filesystem::path path_;
  std::string owned_;
  void* mapping_ = nullptr;
  std::span<const std::byte> bytes_;
};

}  // namespace troupe::model
