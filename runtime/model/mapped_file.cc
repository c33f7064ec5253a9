#include "runtime/model/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace troupe::model {
namespace {

Error ErrnoError(const std::filesystem::path& path) {
  const int number = errno;
  const Code code = number == ENOENT || number == ENOTDIR ? Code::kNotFound
                    : number == EACCES                    ? Code::kPermissionDenied
                                                          : Code::kInternal;
  return {code, path.string() + ": cannot be opened: " + std::strerror(number)};
}

}  // namespace

Result<std::shared_ptr<const MappedFile>> MappedFile::Open(const std::filesystem::path& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return ErrnoError(path);
  struct stat info{};
  if (fstat(fd, &info) != 0) {
    Error error = ErrnoError(path);
    close(fd);
    return error;
  }
  if (!S_ISREG(info.st_mode) || info.st_size == 0) {
    close(fd);
    return Invalid(path.string() + (S_ISREG(info.st_mode) ? ": the file is empty" : ": not a regular file"));
  }
  const auto size = static_cast<size_t>(info.st_size);
  void* mapping = mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
  if (mapping == MAP_FAILED) {
    Error error = ErrnoError(path);
    close(fd);
    return error;
  }
  close(fd);
  std::shared_ptr<MappedFile> file(new MappedFile());
  file->path_ = path;
  file->mapping_ = mapping;
  file->bytes_ = {static_cast<const std::byte*>(mapping), size};
  return std::shared_ptr<const MappedFile>(std::move(file));
}

std::shared_ptr<const MappedFile> MappedFile::FromBytes(std::string bytes, std::filesystem::path name) {
  std::shared_ptr<MappedFile> file(new MappedFile());
  file->path_ = std::move(name);
  file->owned_ = std::move(bytes);
  file->bytes_ = std::as_bytes(std::span<const char>(file->owned_));
  return file;
}

MappedFile::~MappedFile() {
  if (mapping_ != nullptr) munmap(mapping_, bytes_.size());
}

}  // namespace troupe::model
