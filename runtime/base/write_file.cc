#include "runtime/base/write_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

namespace troupe {
namespace {

Error DiskError(const std::string& path, const std::string& verb, int code) {
  const std::string message = path + ": cannot " + verb + " it: " + std::strerror(code);
  if (code == ENOSPC || code == EDQUOT || code == EFBIG) return Exhausted(message + "; make room, then try again");
  if (code == EACCES || code == EPERM || code == EROFS) return {Code::kPermissionDenied, message};
  if (code == ENOENT || code == ENOTDIR) return NotFound(message);
  return Internal(message);
}

int WriteAll(int file, std::string_view piece) {
  while (!piece.empty()) {
    const ssize_t written = ::write(file, piece.data(), piece.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    piece.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

// A rename is durable once its folder is.
void SyncFolder(const std::filesystem::path& folder) {
  const int file = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  ::fsync(file);
  ::close(file);
}

}  // namespace

Status WriteFile(const std::filesystem::path& path, std::span<const std::string_view> pieces) {
  const std::string part = path.string() + ".part";
  const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return DiskError(part, "create", errno);
  int failure = 0;
  for (size_t i = 0; i < pieces.size() && failure == 0; ++i) failure = WriteAll(file, pieces[i]);
  if (failure == 0 && ::fsync(file) != 0) failure = errno;
  if (::close(file) != 0 && failure == 0) failure = errno;
  if (failure == 0 && std::rename(part.c_str(), path.c_str()) != 0) failure = errno;
  if (failure != 0) {
    ::unlink(part.c_str());
    return DiskError(path.string(), "write", failure);
  }
  SyncFolder(path.parent_path());
  return {};
}

Status WriteFile(const std::filesystem::path& path, std::string_view content) {
  return WriteFile(path, std::span(&content, 1));
}

}  // namespace troupe
