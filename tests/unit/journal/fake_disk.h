// A disk in memory for SQLite, which can lose power, fill up, become read-only and hide what went wrong. What was
// written but not yet synced is kept apart: when the power goes, any of its sectors may be on the disk or not, whatever
// order they were written in. A file that was made, and not yet synced, may be gone; one that was deleted may be back
// until the folder is synced, which the first sync of a new file does.
//
// Owner: one test. Its VFS is registered under vfs() while it lives. Thread-safe, as a disk is.
#pragma once

#include <sqlite3.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace troupe::journal {

class FakeDisk {
 public:
  explicit FakeDisk(uint64_t seed);
  ~FakeDisk();
  FakeDisk(const FakeDisk&) = delete;
  FakeDisk& operator=(const FakeDisk&) = delete;

  const std::string& vfs() const { return name_; }

  // The power goes in the middle of the n-th change from now (write, sync, truncation, deletion; 1 is the next). From
  // then on every call fails. `then` is called once it has happened, by the thread that met it.
  void CutPowerAt(int64_t change, std::function<void()> then);
  bool off() const;
  // Files opened before stay dead.
  void PowerOn();
  // Changes so far.
  int64_t changes() const;

  // A file that is on the disk.
  void Put(const std::string& path, const std::string& bytes);
  // Bytes that all files may have together; more gives SQLITE_FULL. 0 for no limit.
  void SetCapacity(int64_t bytes);
  // Every change fails, as it does after the kernel has found errors and made the file system read-only.
  void SetReadOnly(bool read_only);
  // Changes that failed for it so far.
  int64_t refused() const;
  // Syncs report success and do nothing: what `PRAGMA synchronous = OFF` and disks that lie do.
  void IgnoreSyncs();

  // For the VFS.
  struct Shared;
  struct Change {
    enum class Kind { kWrite, kTruncate } kind;
    int64_t offset;
    std::string bytes;
  };
  struct File {
    // What programs read.
    std::string now;
    // What is on the disk whatever happens, and what may come on top of it.
    std::string disk;
    std::vector<Change> unsynced;
    // The file is found by its name after a cut.
    bool named = false;
    std::shared_ptr<Shared> shared;
  };
  // Locks and shared memory of one file: gone with the power.
  struct Shared {
    int readers = 0;
    const void* writer = nullptr;
    bool exclusive = false;
    int users = 0;
    std::vector<std::unique_ptr<std::array<char, 32768>>> regions;
    std::array<int, SQLITE_SHM_NLOCK> shm_readers{};
    std::array<const void*, SQLITE_SHM_NLOCK> shm_writer{};
  };
  using FilePtr = std::shared_ptr<File>;

  // All of these under mutex().
  std::mutex& mutex() { return mutex_; }
  bool Dead(int64_t epoch) const { return off_ || epoch != epoch_; }
  int64_t epoch() const { return epoch_; }
  // Null where there is none.
  FilePtr Find(const std::string& path);
  FilePtr Make(const std::string& path);
  // Each gives a SQLite code.
  int Write(File& file, int64_t offset, std::string bytes);
  int Truncate(File& file, int64_t size);
  int Sync(File& file);
  int Delete(const std::string& path, bool sync);
  void Random(char* out, int size);

 private:
  // Before every change. Not SQLITE_OK: it fails with that.
  int Admit(int read_only_code);
  static void Apply(std::string& bytes, const Change& change);
  void Survive(File& file, double chance);

  mutable std::mutex mutex_;
  const std::string name_;
  sqlite3_vfs vfs_{};
  std::mt19937_64 random_;
  std::map<std::string, FilePtr> files_;
  // Deleted, and not yet for good.
  std::map<std::string, FilePtr> deleted_;
  int64_t epoch_ = 0;
  bool off_ = false;
  int64_t changes_ = 0;
  int64_t refused_ = 0;
  int64_t cut_at_ = 0;
  std::function<void()> then_;
  int64_t capacity_ = 0;
  bool read_only_ = false;
  bool ignore_syncs_ = false;
};

// Fills in the functions by which SQLite uses the disk.
void FillVfs(FakeDisk& disk, sqlite3_vfs& vfs);

}  // namespace troupe::journal
