#include "router/journal/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace troupe::journal {

FolderLock::~FolderLock() {
  if (file_ >= 0) close(file_);
}

Result<FolderLock> FolderLock::Take(const std::filesystem::path& folder) {
  const std::string path = (folder / "journal.lock").string();
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) {
    return Error{Code::kPermissionDenied, path + ": " + std::strerror(errno) + "; may this user write there?"};
  }
  FolderLock lock(file);
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 32> holder{};
    const ssize_t size = pread(file, holder.data(), holder.size() - 1, 0);
    return FailedPrecondition(folder.string() + " is in use by another router" +
                              (size > 0 ? " (process " + std::string(holder.data(), size) + ")" : "") +
                              "; stop that one, or choose another folder with --data");
  }
  const std::string pid = std::to_string(getpid());
  if (ftruncate(file, 0) != 0 || pwrite(file, pid.data(), pid.size(), 0) < 0) {
    return Unavailable(path + ": " + std::strerror(errno) + "; make room on the disk, or choose another with --data");
  }
  return lock;
}

}  // namespace troupe::journal
