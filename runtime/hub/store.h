// The folder that pulled models live in, shared by every process of the user:
//   blobs/HEX                 contents, named by their SHA-256, each once
//   hf/ORG/NAME/REVISION/     an entry: links to blobs under their readable names, and .troupe.json, which says what
//   pypi/PACKAGE/VERSION/     it is; a folder is there whole or not at all
//   partial/, staging/, locks/   what is under way
// Any number of processes may use it at once: contents and entries appear by rename, and a lock keeps Remove from
// taking blobs that an entry about to appear needs. Names that others put beside (deploy/install) are left alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/error.h"
#include "runtime/base/file_lock.h"
#include "runtime/hub/listing.h"
#include "runtime/hub/source.h"

namespace troupe::hub {

struct StoredFile {
  // Within the entry.
  std::string name;
  int64_t bytes = 0;
  std::string sha256;
};

// What one pull brought.
struct Entry {
  // Without a path for packages: the entry holds the whole package.
  Source source;
  std::string commit;
  std::string host;
  UnixMs pulled_ms = 0;
  std::vector<StoredFile> files;
  // The package's one model, within the entry; empty for repositories and where there are several.
  std::string model;

  int64_t Bytes() const;
};

// The source that an entry is kept under.
Source EntrySource(Source source);

// SHA-256 of the weights at `path` within the entry, as a graph's `sha256` states it and agents check it: of the one
// file, or of the digests of a folder's *.safetensors in order. Empty where there are no weights.
std::string ModelDigest(const std::vector<StoredFile>& files, const std::string& path);

class Store {
 public:
  explicit Store(std::filesystem::path folder) : folder_(std::move(folder)) {}

  const std::filesystem::path& folder() const { return folder_; }

  // The entry, where it is here and whole: every blob there with the right size.
  std::optional<Entry> Find(const Source& source) const;
  // All entries, by name; those that are not whole too.
  std::vector<Entry> List() const;
  bool IsWhole(const Entry& entry) const;

  // Held while a source is pulled: others wait.
  Result<std::optional<FileLock>> LockSource(const Source& source) const;
  // The file that a content is downloaded to, locked.
  std::filesystem::path PartialPath(const Expected& expected) const;
  // An empty folder to unpack into; whoever makes it removes it. Those that a killed process left go after a day.
  Result<std::filesystem::path> MakeStaging() const;

  // The blob with that digest, if it is here. Nothing for files that git names: they are small and fetched anew.
  std::optional<StoredFile> FindBlob(const RemoteFile& file) const;
  std::filesystem::path BlobPath(const std::string& sha256) const { return folder_ / "blobs" / sha256; }
  // Moves a checked file in.
  Status AddBlob(const std::filesystem::path& file, const std::string& sha256) const;

  // Makes the entry appear, in place of an older one. Errors: ABORTED where a blob has gone meanwhile: fetch it again.
  Status Commit(const Entry& entry) const;

  // Takes the entry away, and the blobs that no other one needs. Gives the bytes freed. Errors: NOT_FOUND.
  Result<int64_t> Remove(const Source& source) const;

  // Takes away what unfinished pulls left, but for those that go on now. Gives the bytes freed.
  int64_t RemoveUnfinished() const;

  // Reads every file of the entry; the names of those that are missing or not what they were. `tick` is called between
  // pieces with the bytes read so far; false stops (CANCELLED).
  using Tick = std::function<bool(int64_t bytes)>;
  Result<std::vector<std::string>> Verify(const Entry& entry, const Tick& tick) const;
  // Takes blobs away that Verify found wrong, so that the next pull fetches them anew.
  void Discard(const Entry& entry, const std::vector<std::string>& names) const;

 private:
  std::filesystem::path EntryFolder(const Source& source) const { return folder_ / FolderOf(EntrySource(source)); }
  std::optional<Entry> ReadManifest(const std::filesystem::path& folder) const;
  Status Fill(const std::filesystem::path& staging, const Entry& entry) const;
  // Shared while blobs become an entry, exclusive while Remove looks for those that nobody needs. Waits up to 10 s.
  Result<FileLock> LockBlobs(FileLock::Mode mode) const;

  const std::filesystem::path folder_;
};

}  // namespace troupe::hub
