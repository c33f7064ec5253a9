#include "router/content/store.h"

#include <algorithm>
#include <fstream>
#include <system_error>
#include <utility>

#include "runtime/base/file_lock.h"
#include "runtime/base/write_file.h"

namespace troupe::content {
namespace fs = std::filesystem;

namespace {

class HeldFile final : public Store::Held {
 public:
  explicit HeldFile(FileLock lock) : lock_(std::move(lock)) {}

 private:
  FileLock lock_;
};

}  // namespace

Result<bool> Store::Holds(const std::string& name, std::string_view bytes) const {
  TRY_ASSIGN(const std::optional<std::string> there, Read(name));
  return there == bytes;
}

Status FolderStore::Write(const std::string& name, std::string_view bytes) {
  const fs::path path = root_ / name;
  std::error_code fault;
  fs::create_directories(path.parent_path(), fault);
  if (fault) {
    return FailedPrecondition("cannot make the folder " + path.parent_path().string() + ": " + fault.message());
  }
  return WriteFile(path, bytes);
}

Status FolderStore::Remove(const std::string& name) {
  const fs::path path = root_ / name;
  std::error_code fault;
  fs::remove(path, fault);
  if (fault) return Internal("cannot remove " + path.string() + ": " + fault.message());
  // folders go with their last file; one that is not empty stays
  fs::remove(path.parent_path(), fault);
  return {};
}

Result<std::optional<std::string>> FolderStore::Read(const std::string& name) const {
  const fs::path path = root_ / name;
  std::error_code fault;
  if (!fs::is_regular_file(path, fault)) return std::optional<std::string>();
  std::ifstream stream(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream && !stream.eof()) return Internal("cannot read " + path.string());
  return std::optional(std::move(text));
}

Result<std::vector<std::string>> FolderStore::List(const std::string& folder) const {
  std::vector<std::string> names;
  std::error_code fault;
  const fs::path path = root_ / folder;
  if (!fs::is_directory(path, fault)) return names;
  for (fs::recursive_directory_iterator at(path, fault), end; !fault && at != end; at.increment(fault)) {
    if (at->is_regular_file(fault)) names.push_back(at->path().lexically_relative(root_).generic_string());
  }
  if (fault) return Internal("cannot list " + path.string() + ": " + fault.message());
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::vector<std::string>> FolderStore::Folders() const {
  std::vector<std::string> names;
  std::error_code fault;
  for (fs::directory_iterator at(root_, fault), end; !fault && at != end; at.increment(fault)) {
    if (at->is_directory(fault)) names.push_back(at->path().filename().string());
  }
  if (fault) return NotFound("cannot list " + root_.string() + ": " + fault.message());
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::unique_ptr<Store::Held>> FolderStore::Lock(const std::string& set) {
  const fs::path path = root_ / set / "lock";
  TRY_ASSIGN(std::optional<FileLock> lock, FileLock::Try(path, FileLock::Mode::kExclusive));
  if (!lock) {
    return FailedPrecondition("somebody else publishes '" + set + "' to " + root_.string() +
                              "; wait until they are done");
  }
  return std::unique_ptr<Held>(new HeldFile(std::move(*lock)));
}

}  // namespace troupe::content
