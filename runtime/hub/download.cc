#include "runtime/hub/download.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "runtime/base/digest.h"
#include "runtime/hub/url.h"

namespace troupe::hub {
namespace {

constexpr int64_t kProgressThatCounts = 1 << 20;
constexpr std::chrono::milliseconds kLockPause{100};

// The first byte of a 206 answer ("bytes 100-199/200"), and all bytes of the file; -1 where it does not say.
struct ContentRange {
  int64_t first = -1;
  int64_t total = -1;
};

ContentRange RangeOf(const HttpResponse& response) {
  const std::string text = response.Header("content-range");
  ContentRange range;
  const size_t dash = text.find('-'), slash = text.find('/');
  if (!text.starts_with("bytes ") || dash == text.npos || slash == text.npos) return range;
  std::from_chars(text.data() + 6, text.data() + dash, range.first);
  std::from_chars(text.data() + slash + 1, text.data() + text.size(), range.total);
  return range;
}

// Appends what comes to the partial file, and never more than was announced.
class PartialFile final : public HttpSink {
 public:
  PartialFile(int file, const RemoteFile& wanted, const std::string& commit, const DownloadHooks& hooks)
      : file_(file), wanted_(wanted), commit_(commit), hooks_(hooks) {
    struct stat info{};
    if (fstat(file_, &info) == 0) bytes_ = info.st_size;
  }

  int64_t bytes() const { return bytes_; }

  Status Restart() {
    if (ftruncate(file_, 0) != 0) return DiskError();
    bytes_ = 0;
    hooks_.progress(0);
    return {};
  }

  Status Begin(const HttpResponse& response) override {
    host_ = HostOf(response.url);
    if (const std::string commit = response.Header("x-repo-commit");
        !commit.empty() && !commit_.empty() && commit != commit_) {
      return Lies("it is of commit " + commit + " instead of " + commit_);
    }
    std::string etag = response.Header("x-linked-etag");
    std::erase(etag, '"');
    if (wanted_.expected.kind == Expected::Kind::kSha256 && IsHex(etag, 64) && etag != wanted_.expected.hex) {
      return Lies("it has SHA-256 " + etag + " instead of " + wanted_.expected.hex);
    }
    int64_t total = response.NumberHeader("content-length");
    if (response.status == 206) {
      const ContentRange range = RangeOf(response);
      if (range.first != bytes_) return Lies("it is another part than was asked for");
      total = range.total;
    } else {
      TRY(Restart());
    }
    if (wanted_.bytes >= 0 && total >= 0 && total != wanted_.bytes) {
      return Lies("it has " + std::to_string(total) + " bytes instead of " + std::to_string(wanted_.bytes));
    }
    return {};
  }

  Status Take(std::string_view bytes) override {
    const int64_t limit = wanted_.bytes >= 0 ? wanted_.bytes : kMaxUnknownBytes;
    if (static_cast<int64_t>(bytes.size()) > limit - bytes_) {
      return Lies("it goes on after the " + std::to_string(limit) + " bytes that it may have");
    }
    while (!bytes.empty()) {
      const ssize_t written = pwrite(file_, bytes.data(), bytes.size(), bytes_);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return DiskError();
      bytes_ += written;
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    hooks_.progress(bytes_);
    return {};
  }

  Error Lies(const std::string& how) const {
    return {Code::kDataLoss, "what " + host_ + " sends as " + wanted_.name + " is not what was announced: " + how};
  }

 private:
  Error DiskError() const {
    const bool full = errno == ENOSPC || errno == EDQUOT;
    return FailedPrecondition(
        "cannot write " + wanted_.name + " to the cache: " + std::strerror(errno) +
        (full ? "; free space ('troupe models remove'), or name another folder in TROUPE_CACHE" : ""));
  }

  const int file_;
  const RemoteFile& wanted_;
  const std::string& commit_;
  const DownloadHooks& hooks_;
  std::string host_;
  int64_t bytes_ = 0;
};

struct Digests {
  std::string sha256;
  // As Expected names it.
  std::string expected;
};

Result<Digests> DigestsOf(int file, int64_t bytes, const Expected& expected) {
  Digester sha256, git(DigestAlgorithm::kSha1);
  git.Add("blob " + std::to_string(bytes));
  git.Add(std::string_view("\0", 1));
  std::string piece(1 << 20, '\0');
  for (int64_t at = 0; at < bytes;) {
    const ssize_t got = pread(file, piece.data(), piece.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Internal(std::string("cannot read back what was downloaded: ") + std::strerror(errno));
    sha256.Add({piece.data(), static_cast<size_t>(got)});
    if (expected.kind == Expected::Kind::kGitBlob) git.Add({piece.data(), static_cast<size_t>(got)});
    at += got;
  }
  Digests digests{sha256.Hex(), ""};
  digests.expected = expected.kind == Expected::Kind::kSha256 ? digests.sha256 : git.Hex();
  return digests;
}

// Tries until the file has all its bytes.
Status FetchAll(Http& http, PartialFile& partial, const RemoteFile& file, const RetryPolicy& policy,
                const DownloadHooks& hooks) {
  std::chrono::milliseconds pause = policy.first_pause;
  int tries = 0;
  while (true) {
    if (file.bytes >= 0 && partial.bytes() > file.bytes) TRY(partial.Restart());
    if (file.bytes >= 0 && partial.bytes() == file.bytes) return {};
    const int64_t before = partial.bytes();
    const auto response = http.Get({file.url, "", file.authorization, before}, partial);
    Status outcome;
    if (!response) {
      outcome = response.error();
    } else if (response->status == 416) {
      TRY(partial.Restart());
      outcome = Unavailable("the server had less than was here already");
    } else if (response->status / 100 != 2) {
      outcome = ErrorOf(*response, file.name, "a login may be needed, or the one you have is not enough");
    } else if (file.bytes < 0) {
      return {};
    } else if (partial.bytes() < file.bytes) {
      outcome = Unavailable(HostOf(file.url) + " ended after " + std::to_string(partial.bytes()) + " of " +
                            std::to_string(file.bytes) + " bytes");
    }
    if (outcome) continue;
    if (!IsRetryable(outcome.error().code)) return outcome;
    if (partial.bytes() - before >= kProgressThatCounts) {
      tries = 0;
      pause = policy.first_pause;
    }
    if (++tries >= policy.max_tries) {
      return Error{outcome.error().code, outcome.error().message + " (" + file.name + ", given up after " +
                                             std::to_string(tries) + " tries; what came so far is kept)"};
    }
    hooks.note(outcome.error().message + "; trying again in " + std::to_string(pause.count()) + " ms");
    if (!hooks.pause(pause))
      return Cancelled("stopped; what came so far is kept, and the next pull goes on from there");
    pause = std::min(pause * 2, policy.max_pause);
  }
}

Result<FileLock> LockPartial(const std::filesystem::path& path, const RemoteFile& file, const DownloadHooks& hooks) {
  for (bool told = false;; told = true) {
    TRY_ASSIGN(auto lock, FileLock::Try(path, FileLock::Mode::kExclusive));
    if (lock) return std::move(*lock);
    if (!told) hooks.note("another process is fetching " + file.name + "; waiting for it");
    if (!hooks.pause(kLockPause)) return Cancelled("stopped while waiting for another process");
  }
}

}  // namespace

Result<Downloaded> Download(Http& http, const Store& store, const RemoteFile& file, const std::string& commit,
                            const RetryPolicy& policy, const DownloadHooks& hooks) {
  const std::filesystem::path path = store.PartialPath(file.expected);
  TRY_ASSIGN(FileLock lock, LockPartial(path, file, hooks));
  // where the other process has finished meanwhile there is nothing to fetch; whoever asked looks again
  if (store.FindBlob(file)) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    return Error{Code::kAborted, file.name + " is here already"};
  }
  PartialFile partial(lock.file(), file, commit, hooks);
  bool resumed = partial.bytes() > 0;
  while (true) {
    TRY(FetchAll(http, partial, file, policy, hooks));
    TRY_ASSIGN(const Digests digests, DigestsOf(lock.file(), partial.bytes(), file.expected));
    if (digests.expected == file.expected.hex) {
      return Downloaded{std::move(lock), path, partial.bytes(), digests.sha256};
    }
    TRY(partial.Restart());
    if (!resumed) return partial.Lies("its digest is " + digests.expected + " instead of " + file.expected.hex);
    // a crash of the machine can leave a hole in what was kept: once more from the beginning
    hooks.note("what was kept of " + file.name + " is damaged; fetching it anew");
    resumed = false;
  }
}

}  // namespace troupe::hub
