// SQLite's side of the fake disk: a VFS with byte-for-byte files, locks between connections of one process, and the
// shared memory that write-ahead logging needs.
#include <algorithm>
#include <cstring>
#include <new>
#include <string>

#include "tests/unit/journal/fake_disk.h"

namespace troupe::journal {
namespace {

struct Open {
  FakeDisk* disk = nullptr;
  FakeDisk::FilePtr file;
  std::shared_ptr<FakeDisk::Shared> shared;
  int64_t epoch = 0;
  int level = SQLITE_LOCK_NONE;
  bool mapped = false;
  unsigned shm_read = 0;
  unsigned shm_written = 0;
};

struct Handle {
  sqlite3_file base;
  Open* open;
};

Open& Of(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file)->open; }
FakeDisk& DiskOf(sqlite3_vfs* vfs) { return *static_cast<FakeDisk*>(vfs->pAppData); }

int Read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
  Open& open = Of(file);
  const std::lock_guard lock(open.disk->mutex());
  if (open.disk->Dead(open.epoch)) return SQLITE_IOERR_READ;
  const std::string& bytes = open.file->now;
  const auto length = static_cast<int64_t>(bytes.size());
  const int64_t there = std::clamp<int64_t>(length - offset, 0, size);
  std::memcpy(out, bytes.data() + std::min<int64_t>(offset, length), static_cast<size_t>(there));
  if (there == size) return SQLITE_OK;
  std::memset(static_cast<char*>(out) + there, 0, static_cast<size_t>(size - there));
  return SQLITE_IOERR_SHORT_READ;
}

int Write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  Open& open = Of(file);
  const std::lock_guard lock(open.disk->mutex());
  if (open.disk->Dead(open.epoch)) return SQLITE_IOERR_WRITE;
  return open.disk->Write(*open.file, offset, std::string(static_cast<const char*>(bytes), static_cast<size_t>(size)));
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  Open& open = Of(file);
  const std::lock_guard lock(open.disk->mutex());
  return open.disk->Dead(open.epoch) ? SQLITE_IOERR_TRUNCATE : open.disk->Truncate(*open.file, size);
}

int Sync(sqlite3_file* file, int) {
  Open& open = Of(file);
  const std::lock_guard lock(open.disk->mutex());
  return open.disk->Dead(open.epoch) ? SQLITE_IOERR_FSYNC : open.disk->Sync(*open.file);
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  Open& open = Of(file);
  const std::lock_guard lock(open.disk->mutex());
  if (open.disk->Dead(open.epoch)) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>(open.file->now.size());
  return SQLITE_OK;
}

int Lock(sqlite3_file* file, int level) {
  Open& open = Of(file);
  const std::lock_guard lock(open.disk->mutex());
  if (open.disk->Dead(open.epoch)) return SQLITE_IOERR_LOCK;
  FakeDisk::Shared& shared = *open.shared;
  if (open.level >= level) return SQLITE_OK;
  if (level == SQLITE_LOCK_SHARED) {
    if (shared.exclusive) return SQLITE_BUSY;
    ++shared.readers;
    open.level = level;
    return SQLITE_OK;
  }
  if (shared.writer != nullptr && shared.writer != &open) return SQLITE_BUSY;
  shared.writer = &open;
  open.level = SQLITE_LOCK_RESERVED;
  if (level == SQLITE_LOCK_RESERVED) return SQLITE_OK;
  shared.exclusive = true;
  open.level = SQLITE_LOCK_PENDING;
  if (shared.readers > 1) return SQLITE_BUSY;
  open.level = SQLITE_LOCK_EXCLUSIVE;
  return SQLITE_OK;
}

int UnlockHeld(Open& open, int level) {
  if (open.level <= level) return SQLITE_OK;
  if (open.shared->writer == &open) {
    open.shared->writer = nullptr;
    open.shared->exclusive = false;
  }
  if (level == SQLITE_LOCK_NONE) --open.shared->readers;
  open.level = level;
  return SQLITE_OK;
}

int Unlock(sqlite3_file* file, int level) {
  Open& open = Of(file);
  const std::lock_guard lock(open.disk->mutex());
  return UnlockHeld(open, level);
}

int CheckReservedLock(sqlite3_file* file, int* held) {
  Open& open = Of(file);
  const std::lock_guard lock(open.disk->mutex());
  *held = open.shared->writer != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int FileControl(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int SectorSize(sqlite3_file*) { return 512; }
// What SQLite takes for granted of the machine's own file systems.
int Characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int ShmMap(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  Open& open = Of(file);
  const std::lock_guard lock(open.disk->mutex());
  *out = nullptr;
  if (open.disk->Dead(open.epoch) || size != 32768) return SQLITE_IOERR_SHMMAP;
  auto& regions = open.shared->regions;
  if (!open.mapped) {
    open.mapped = true;
    // Nobody else has it: nothing in it can be trusted.
    if (open.shared->users++ == 0) regions.clear();
  }
  while (extend != 0 && static_cast<int>(regions.size()) <= region) {
    regions.push_back(std::make_unique<std::array<char, 32768>>());
    regions.back()->fill(0);
  }
  if (static_cast<int>(regions.size()) > region) *out = regions[static_cast<size_t>(region)]->data();
  return SQLITE_OK;
}

int ShmLock(sqlite3_file* file, int first, int count, int flags) {
  Open& open = Of(file);
  const std::lock_guard lock(open.disk->mutex());
  FakeDisk::Shared& shared = *open.shared;
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    for (int i = first; i < first + count; ++i) {
      if ((open.shm_read & (1U << i)) != 0) --shared.shm_readers[static_cast<size_t>(i)];
      if ((open.shm_written & (1U << i)) != 0) shared.shm_writer[static_cast<size_t>(i)] = nullptr;
      open.shm_read &= ~(1U << i);
      open.shm_written &= ~(1U << i);
    }
    return SQLITE_OK;
  }
  if (open.disk->Dead(open.epoch)) return SQLITE_IOERR_SHMLOCK;
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  for (int i = first; i < first + count; ++i) {
    const auto slot = static_cast<size_t>(i);
    const int own = (open.shm_read & (1U << i)) != 0 ? 1 : 0;
    if (shared.shm_writer[slot] != nullptr && shared.shm_writer[slot] != &open) return SQLITE_BUSY;
    if (exclusive && shared.shm_readers[slot] > own) return SQLITE_BUSY;
  }
  for (int i = first; i < first + count; ++i) {
    const auto slot = static_cast<size_t>(i);
    if (exclusive) {
      shared.shm_writer[slot] = &open;
      open.shm_written |= 1U << i;
    } else if ((open.shm_read & (1U << i)) == 0) {
      ++shared.shm_readers[slot];
      open.shm_read |= 1U << i;
    }
  }
  return SQLITE_OK;
}

void ShmBarrier(sqlite3_file* file) { const std::lock_guard lock(Of(file).disk->mutex()); }

int ShmUnmap(sqlite3_file* file, int) {
  ShmLock(file, 0, SQLITE_SHM_NLOCK, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
  Open& open = Of(file);
  const std::lock_guard lock(open.disk->mutex());
  if (open.mapped) --open.shared->users;
  open.mapped = false;
  return SQLITE_OK;
}

int Close(sqlite3_file* file) {
  ShmUnmap(file, 0);
  auto* handle = reinterpret_cast<Handle*>(file);
  {
    const std::lock_guard lock(handle->open->disk->mutex());
    UnlockHeld(*handle->open, SQLITE_LOCK_NONE);
  }
  delete handle->open;
  return SQLITE_OK;
}

const sqlite3_io_methods kMethods = {2,
                                     Close,
                                     Read,
                                     Write,
                                     Truncate,
                                     Sync,
                                     FileSize,
                                     Lock,
                                     Unlock,
                                     CheckReservedLock,
                                     FileControl,
                                     SectorSize,
                                     Characteristics,
                                     ShmMap,
                                     ShmLock,
                                     ShmBarrier,
                                     ShmUnmap,
                                     nullptr,
                                     nullptr};

int OpenFile(sqlite3_vfs* vfs, const char* path, sqlite3_file* out, int flags, int* out_flags) {
  FakeDisk& disk = DiskOf(vfs);
  out->pMethods = nullptr;
  const std::lock_guard lock(disk.mutex());
  if (disk.Dead(disk.epoch())) return SQLITE_CANTOPEN;
  FakeDisk::FilePtr file = path != nullptr ? disk.Find(path) : nullptr;
  if (file == nullptr && (flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
  if (file == nullptr) file = disk.Make(path != nullptr ? path : "");
  auto* handle = reinterpret_cast<Handle*>(out);
  handle->open = new Open{.disk = &disk, .file = file, .shared = file->shared, .epoch = disk.epoch()};
  handle->base.pMethods = &kMethods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int DeleteFile(sqlite3_vfs* vfs, const char* path, int sync) {
  const std::lock_guard lock(DiskOf(vfs).mutex());
  return DiskOf(vfs).Delete(path, sync != 0);
}

int Access(sqlite3_vfs* vfs, const char* path, int, int* out) {
  const std::lock_guard lock(DiskOf(vfs).mutex());
  if (DiskOf(vfs).Dead(DiskOf(vfs).epoch())) return SQLITE_IOERR_ACCESS;
  *out = DiskOf(vfs).Find(path) != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int FullPathname(sqlite3_vfs*, const char* path, int size, char* out) {
  if (std::strlen(path) >= static_cast<size_t>(size)) return SQLITE_CANTOPEN;
  std::strcpy(out, path);
  return SQLITE_OK;
}

int Randomness(sqlite3_vfs* vfs, int size, char* out) {
  const std::lock_guard lock(DiskOf(vfs).mutex());
  DiskOf(vfs).Random(out, size);
  return size;
}

}  // namespace

void FillVfs(FakeDisk& disk, sqlite3_vfs& vfs) {
  const sqlite3_vfs* own = sqlite3_vfs_find(nullptr);
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(Handle);
  vfs.mxPathname = 512;
  vfs.zName = disk.vfs().c_str();
  vfs.pAppData = &disk;
  vfs.xOpen = OpenFile;
  vfs.xDelete = DeleteFile;
  vfs.xAccess = Access;
  vfs.xFullPathname = FullPathname;
  vfs.xRandomness = Randomness;
  vfs.xSleep = own->xSleep;
  vfs.xCurrentTime = own->xCurrentTime;
  vfs.xCurrentTimeInt64 = own->xCurrentTimeInt64;
  vfs.xGetLastError = own->xGetLastError;
}

}  // namespace troupe::journal
