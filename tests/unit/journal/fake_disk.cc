#include "tests/unit/journal/fake_disk.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include "runtime/base/check.h"

namespace troupe::journal {
namespace {

constexpr size_t kSectorBytes = 512;

std::string NewName() {
  static std::atomic<int> number{0};
  return "fake-disk-" + std::to_string(++number);
}

}  // namespace

FakeDisk::FakeDisk(uint64_t seed) : name_(NewName()), random_(seed) {
  FillVfs(*this, vfs_);
  CHECK(sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK);
}

FakeDisk::~FakeDisk() { sqlite3_vfs_unregister(&vfs_); }

void FakeDisk::CutPowerAt(int64_t change, std::function<void()> then) {
  const std::lock_guard lock(mutex_);
  cut_at_ = changes_ + change;
  then_ = std::move(then);
}

bool FakeDisk::off() const {
  const std::lock_guard lock(mutex_);
  return off_;
}

int64_t FakeDisk::changes() const {
  const std::lock_guard lock(mutex_);
  return changes_;
}

int64_t FakeDisk::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

void FakeDisk::Put(const std::string& path, const std::string& bytes) {
  const std::lock_guard lock(mutex_);
  const FilePtr file = Make(path);
  file->now = bytes;
  file->disk = bytes;
  file->named = true;
}

void FakeDisk::SetCapacity(int64_t bytes) {
  const std::lock_guard lock(mutex_);
  capacity_ = bytes;
}

void FakeDisk::SetReadOnly(bool read_only) {
  const std::lock_guard lock(mutex_);
  read_only_ = read_only;
}

void FakeDisk::IgnoreSyncs() {
  const std::lock_guard lock(mutex_);
  ignore_syncs_ = true;
}

void FakeDisk::PowerOn() {
  const std::lock_guard lock(mutex_);
  // Sometimes nothing got through, sometimes all of it, mostly some.
  constexpr double kChances[] = {0.0, 0.3, 0.7, 0.95, 1.0};
  const auto coin = [this](double chance) { return std::bernoulli_distribution(chance)(random_); };
  for (auto& [path, file] : deleted_) {
    if (coin(0.5)) files_.emplace(path, file);
  }
  deleted_.clear();
  std::map<std::string, FilePtr> after;
  for (const auto& [path, file] : files_) {
    if (!file->named && coin(0.5)) continue;
    Survive(*file, kChances[std::uniform_int_distribution<size_t>(0, std::size(kChances) - 1)(random_)]);
    auto fresh = std::make_shared<File>();
    fresh->now = file->disk;
    fresh->disk = file->disk;
    fresh->named = true;
    fresh->shared = std::make_shared<Shared>();
    after[path] = std::move(fresh);
  }
  files_ = std::move(after);
  ++epoch_;
  off_ = false;
  cut_at_ = 0;
}

void FakeDisk::Survive(File& file, double chance) {
  std::bernoulli_distribution coin(chance);
  for (const Change& change : file.unsynced) {
    if (change.kind == Change::Kind::kTruncate) {
      if (coin(random_)) Apply(file.disk, change);
      continue;
    }
    const int64_t end = change.offset + static_cast<int64_t>(change.bytes.size());
    for (int64_t at = change.offset; at < end;) {
      const int64_t next = std::min<int64_t>(end, (at / kSectorBytes + 1) * kSectorBytes);
      if (coin(random_)) Apply(file.disk, {change.kind, at, change.bytes.substr(at - change.offset, next - at)});
      at = next;
    }
  }
}

void FakeDisk::Apply(std::string& bytes, const Change& change) {
  if (change.kind == Change::Kind::kTruncate) {
    bytes.resize(static_cast<size_t>(change.offset));
    return;
  }
  const size_t end = static_cast<size_t>(change.offset) + change.bytes.size();
  if (bytes.size() < end) bytes.resize(end);
  std::memcpy(bytes.data() + change.offset, change.bytes.data(), change.bytes.size());
}

int FakeDisk::Admit(int read_only_code) {
  if (off_) return SQLITE_IOERR;
  if (read_only_) {
    ++refused_;
    return read_only_code;
  }
  if (++changes_ != cut_at_) return SQLITE_OK;
  off_ = true;
  if (then_) then_();
  return SQLITE_IOERR;
}

FakeDisk::FilePtr FakeDisk::Find(const std::string& path) {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : found->second;
}

FakeDisk::FilePtr FakeDisk::Make(const std::string& path) {
  auto file = std::make_shared<File>();
  file->shared = std::make_shared<Shared>();
  if (!path.empty()) files_[path] = file;
  return file;
}

int FakeDisk::Write(File& file, int64_t offset, std::string bytes) {
  const int64_t end = offset + static_cast<int64_t>(bytes.size());
  if (capacity_ > 0 && end > static_cast<int64_t>(file.now.size())) {
    int64_t total = end - static_cast<int64_t>(file.now.size());
    for (const auto& [path, other] : files_) total += static_cast<int64_t>(other->now.size());
    if (total > capacity_) return SQLITE_FULL;
  }
  const int admitted = Admit(SQLITE_IOERR_WRITE);
  // A write that the power goes in may be on the disk in part.
  if (admitted != SQLITE_OK && !off_) return admitted;
  Change change{Change::Kind::kWrite, offset, std::move(bytes)};
  Apply(file.now, change);
  file.unsynced.push_back(std::move(change));
  return admitted;
}

int FakeDisk::Truncate(File& file, int64_t size) {
  if (const int code = Admit(SQLITE_IOERR_TRUNCATE); code != SQLITE_OK) return code;
  const Change change{Change::Kind::kTruncate, size, {}};
  Apply(file.now, change);
  file.unsynced.push_back(change);
  return SQLITE_OK;
}

int FakeDisk::Sync(File& file) {
  if (const int code = Admit(SQLITE_IOERR_FSYNC); code != SQLITE_OK) return code;
  if (ignore_syncs_) return SQLITE_OK;
  file.disk = file.now;
  file.unsynced.clear();
  // With a new file its folder is synced, and with that all names in it.
  if (!file.named) {
    deleted_.clear();
    for (auto& [path, other] : files_) other->named = true;
  }
  return SQLITE_OK;
}

int FakeDisk::Delete(const std::string& path, bool sync) {
  if (const int code = Admit(SQLITE_IOERR_DELETE); code != SQLITE_OK) return code;
  const auto found = files_.find(path);
  if (found == files_.end()) return SQLITE_IOERR_DELETE_NOENT;
  if (!sync && found->second->named) deleted_[path] = found->second;
  files_.erase(found);
  return SQLITE_OK;
}

void FakeDisk::Random(char* out, int size) {
  for (int i = 0; i < size; ++i) out[i] = static_cast<char>(random_());
}

}  // namespace troupe::journal
