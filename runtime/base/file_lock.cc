#include "runtime/base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace troupe {

Result<std::optional<FileLock>> FileLock::Try(const std::filesystem::path& path, Mode mode) {
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path(), ignored);
  constexpr int kTries = 100;
  for (int i = 0; i < kTries; ++i) {
    FileLock lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (lock.file_ < 0) {
      return FailedPrecondition("cannot open " + path.string() + ": " + std::strerror(errno) +
                                "; make the folder writable, or choose another one");
    }
    if (flock(lock.file_, (mode == Mode::kShared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
      return std::optional<FileLock>();
    }
    // whoever held it may have moved the file away: then this is a lock on nothing
    struct stat here{}, held{};
    if (stat(path.c_str(), &here) == 0 && fstat(lock.file_, &held) == 0 && here.st_ino == held.st_ino &&
        here.st_dev == held.st_dev) {
      return std::optional<FileLock>(std::move(lock));
    }
  }
  return std::optional<FileLock>();
}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

FileLock::~FileLock() {
  if (file_ >= 0) close(file_);
}

}  // namespace troupe
