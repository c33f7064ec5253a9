#include "router/journal/gather_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <new>

namespace troupe::journal {
namespace {

constexpr size_t kMaxGathered = 1u << 20;
// SQLite's file system takes the length of a write for 17 bits wide, and one of 128 KiB for a full disk.
constexpr size_t kMaxWrite = 64u << 10;

// What SQLite allocates for an open file, before the file of the file system under it.
struct File {
  sqlite3_file base{};
  // Bytes that belong at `offset`, not written yet. Null for files that are no log: their calls go straight through.
  std::string* gathered = nullptr;
  sqlite3_int64 offset = 0;
  sqlite3_file* under = nullptr;
};

File& Of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
sqlite3_file* Under(sqlite3_file* file) { return Of(file).under; }
const sqlite3_io_methods& MethodsUnder(sqlite3_file* file) { return *Under(file)->pMethods; }

int Flush(File& file) {
  if (file.gathered == nullptr || file.gathered->empty()) return SQLITE_OK;
  int done = SQLITE_OK;
  for (size_t at = 0; done == SQLITE_OK && at < file.gathered->size(); at += kMaxWrite) {
    const size_t size = std::min(kMaxWrite, file.gathered->size() - at);
    done = file.under->pMethods->xWrite(file.under, file.gathered->data() + at, static_cast<int>(size),
                                        file.offset + static_cast<sqlite3_int64>(at));
  }
  // dropped where it failed too: SQLite gives the group up then, and its next one belongs in the same place
  file.gathered->clear();
  return done;
}

int Write(sqlite3_file* raw, const void* bytes, int size, sqlite3_int64 offset) {
  File& file = Of(raw);
  if (file.gathered == nullptr) return MethodsUnder(raw).xWrite(file.under, bytes, size, offset);
  std::string& gathered = *file.gathered;
  const bool follows = offset == file.offset + static_cast<sqlite3_int64>(gathered.size());
  if (!gathered.empty() && (!follows || gathered.size() + static_cast<size_t>(size) > kMaxGathered)) {
    if (const int done = Flush(file); done != SQLITE_OK) return done;
  }
  if (gathered.empty()) file.offset = offset;
  try {
    gathered.append(static_cast<const char*>(bytes), static_cast<size_t>(size));
  } catch (const std::bad_alloc&) {
    return SQLITE_IOERR_NOMEM;
  }
  return SQLITE_OK;
}

// A call that must see, or follow on, what was written before it.
template <auto Method, class... Args>
int AfterFlush(sqlite3_file* raw, Args... args) {
  if (const int done = Flush(Of(raw)); done != SQLITE_OK) return done;
  return (MethodsUnder(raw).*Method)(Under(raw), args...);
}

// A call that has nothing to do with contents.
template <auto Method, class... Args>
auto Pass(sqlite3_file* raw, Args... args) {
  return (MethodsUnder(raw).*Method)(Under(raw), args...);
}

int Close(sqlite3_file* raw) {
  File& file = Of(raw);
  const int flushed = Flush(file);
  const int closed = file.under->pMethods->xClose(file.under);
  delete file.gathered;
  file.gathered = nullptr;
  return flushed == SQLITE_OK ? closed : flushed;
}

const sqlite3_io_methods kMethods = {
    .iVersion = 3,
    .xClose = Close,
    .xRead = AfterFlush<&sqlite3_io_methods::xRead, void*, int, sqlite3_int64>,
    .xWrite = Write,
    .xTruncate = AfterFlush<&sqlite3_io_methods::xTruncate, sqlite3_int64>,
    .xSync = AfterFlush<&sqlite3_io_methods::xSync, int>,
    .xFileSize = AfterFlush<&sqlite3_io_methods::xFileSize, sqlite3_int64*>,
    .xLock = Pass<&sqlite3_io_methods::xLock, int>,
    .xUnlock = Pass<&sqlite3_io_methods::xUnlock, int>,
    .xCheckReservedLock = Pass<&sqlite3_io_methods::xCheckReservedLock, int*>,
    .xFileControl = Pass<&sqlite3_io_methods::xFileControl, int, void*>,
    .xSectorSize = Pass<&sqlite3_io_methods::xSectorSize>,
    .xDeviceCharacteristics = Pass<&sqlite3_io_methods::xDeviceCharacteristics>,
    .xShmMap = Pass<&sqlite3_io_methods::xShmMap, int, int, int, void volatile**>,
    .xShmLock = Pass<&sqlite3_io_methods::xShmLock, int, int, int>,
    .xShmBarrier = [](sqlite3_file* raw) { MethodsUnder(raw).xShmBarrier(Under(raw)); },
    .xShmUnmap = Pass<&sqlite3_io_methods::xShmUnmap, int>,
    .xFetch = Pass<&sqlite3_io_methods::xFetch, sqlite3_int64, int, void**>,
    .xUnfetch = Pass<&sqlite3_io_methods::xUnfetch, sqlite3_int64, void*>,
};

sqlite3_vfs* VfsUnder(sqlite3_vfs* vfs) { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

int Open(sqlite3_vfs* vfs, const char* path, sqlite3_file* raw, int flags, int* out_flags) {
  File& file = *new (raw) File;
  file.under = reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(raw) + sizeof(File));
  std::memset(file.under, 0, static_cast<size_t>(VfsUnder(vfs)->szOsFile));
  const int opened = VfsUnder(vfs)->xOpen(VfsUnder(vfs), path, file.under, flags, out_flags);
  // SQLite closes what has methods, also where opening failed
  if (file.under->pMethods == nullptr) return opened;
  if (opened == SQLITE_OK && (flags & SQLITE_OPEN_WAL) != 0) file.gathered = new (std::nothrow) std::string;
  raw->pMethods = &kMethods;
  return opened;
}

// The rest is the other's, which is handed itself.
template <auto Method, class... Args>
auto PassVfs(sqlite3_vfs* vfs, Args... args) {
  return (VfsUnder(vfs)->*Method)(VfsUnder(vfs), args...);
}

struct Registered {
  std::string name;
  sqlite3_vfs vfs{};
};

}  // namespace

Result<std::string> GatherWrites(const std::string& under) {
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<Registered>> registered;
  sqlite3_vfs* below = sqlite3_vfs_find(under.empty() ? nullptr : under.c_str());
  if (below == nullptr) return Internal("SQLite knows no file system named '" + under + "'");
  const std::lock_guard lock(mutex);
  std::unique_ptr<Registered>& entry = registered[below->zName];
  if (entry && entry->vfs.pAppData == below) return entry->name;
  entry = std::make_unique<Registered>();
  entry->name = std::string("gather-") + below->zName;
  sqlite3_vfs& vfs = entry->vfs;
  vfs = *below;
  vfs.pNext = nullptr;
  vfs.zName = entry->name.c_str();
  vfs.pAppData = below;
  vfs.szOsFile = static_cast<int>(sizeof(File)) + below->szOsFile;
  vfs.xOpen = Open;
  vfs.xDelete = PassVfs<&sqlite3_vfs::xDelete, const char*, int>;
  vfs.xAccess = PassVfs<&sqlite3_vfs::xAccess, const char*, int, int*>;
  vfs.xFullPathname = PassVfs<&sqlite3_vfs::xFullPathname, const char*, int, char*>;
  vfs.xRandomness = PassVfs<&sqlite3_vfs::xRandomness, int, char*>;
  vfs.xSleep = PassVfs<&sqlite3_vfs::xSleep, int>;
  vfs.xCurrentTime = PassVfs<&sqlite3_vfs::xCurrentTime, double*>;
  vfs.xCurrentTimeInt64 = PassVfs<&sqlite3_vfs::xCurrentTimeInt64, sqlite3_int64*>;
  vfs.xGetLastError = PassVfs<&sqlite3_vfs::xGetLastError, int, char*>;
  // loading of extensions and replacing of system calls are not passed on
  vfs.iVersion = 2;
  vfs.xDlOpen = nullptr;
  vfs.xDlError = nullptr;
  vfs.xDlSym = nullptr;
  vfs.xDlClose = nullptr;
  if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK) return Internal("SQLite did not take the file system " + entry->name);
  return entry->name;
}

}  // namespace troupe::journal
