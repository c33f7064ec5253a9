#include "router/gateway/uploads.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

namespace troupe::gateway {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kFullRetryMs = 5'000;

Status CheckDigest(const std::string& text) {
  return IsHex(text, 64) ? Status() : Invalid("must be 64 lower-case hex digits, the SHA-256 of the upload");
}

Error DiskError(const fs::path& path, int number) {
  return Unavailable("the router cannot keep an upload in " + path.string() + ": " + std::strerror(number) +
                     "; make room or mend the folder, then send it again");
}

Error Full() {
  return Exhausted(
      "the router keeps as many uploads as it may: hand in the tasks that they are for, or try again later",
      kFullRetryMs);
}

// 0, or what went wrong.
int WriteAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

}  // namespace

Uploads::Writing::Writing(Uploads& uploads, fs::path path, int file)
    : uploads_(&uploads), path_(std::move(path)), file_(file) {}

Uploads::Writing::Writing(Writing&& other) noexcept
    : uploads_(std::exchange(other.uploads_, nullptr)),
      path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      digester_(std::move(other.digester_)),
      bytes_(other.bytes_) {}

Uploads::Writing::~Writing() {
  if (file_ >= 0) close(file_);
  if (uploads_ == nullptr) return;
  std::error_code ignored;
  fs::remove(path_, ignored);
  uploads_->Release(bytes_);
}

Status Uploads::Writing::Add(std::string_view bytes) {
  const auto size = static_cast<int64_t>(bytes.size());
  if (size > uploads_->options_.max_bytes - bytes_) {
    return Exhausted("an upload may have " + std::to_string(uploads_->options_.max_bytes) +
                     " bytes, this one has more: send less, or raise the router's --max-upload-mb");
  }
  TRY(uploads_->Reserve(size));
  bytes_ += size;
  digester_.Add(bytes);
  if (const int failed = WriteAll(file_, bytes); failed != 0) return DiskError(path_, failed);
  return {};
}

Result<Upload> Uploads::Writing::Finish(const std::string& expected) {
  const std::string sha256 = digester_.Hex();
  if (!expected.empty() && sha256 != expected) {
    return Invalid("the pieces that came have the digest " + sha256 + ", not " + expected +
                   " as was said: send it again");
  }
  TRY_ASSIGN(Upload upload, uploads_->Keep(path_, sha256, bytes_));
  uploads_ = nullptr;
  return upload;
}

Status Uploads::Open() {
  if (opened_) return {};
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) return DiskError(folder_, error.value());
  fs::permissions(folder_, fs::perms::owner_all, error);
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    const std::string name = entry.path().filename().string();
    if (!CheckDigest(name)) {
      fs::remove(entry.path(), error);
      continue;
    }
    const auto bytes = static_cast<int64_t>(entry.file_size(error));
    kept_[name] = {clock_.NowMs(), bytes};
    total_bytes_ += bytes;
  }
  opened_ = true;
  return {};
}

void Uploads::Sweep() {
  const UnixMs now_ms = clock_.NowMs();
  std::erase_if(kept_, [&](const auto& entry) {
    const auto& [sha256, kept] = entry;
    if (now_ms - kept.came_ms < options_.lifetime_ms) return false;
    std::error_code ignored;
    fs::remove(folder_ / sha256, ignored);
    total_bytes_ -= kept.bytes;
    return true;
  });
}

Result<Uploads::Writing> Uploads::Begin() {
  const std::lock_guard lock(mutex_);
  TRY(Open());
  Sweep();
  if (under_way_ + static_cast<int64_t>(kept_.size()) >= options_.max_count) return Full();
  fs::path path = folder_ / ("part-" + std::to_string(++begun_));
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return DiskError(path, errno);
  ++under_way_;
  return Writing(*this, std::move(path), file);
}

Status Uploads::Reserve(int64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (bytes > options_.max_total_bytes - total_bytes_) return Full();
  total_bytes_ += bytes;
  return {};
}

void Uploads::Release(int64_t bytes) {
  const std::lock_guard lock(mutex_);
  --under_way_;
  total_bytes_ -= bytes;
}

Result<Upload> Uploads::Keep(const fs::path& path, std::string sha256, int64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (std::rename(path.c_str(), (folder_ / sha256).c_str()) != 0) return DiskError(folder_ / sha256, errno);
  --under_way_;
  // the same content again takes the first one's place
  if (const auto [found, is_new] = kept_.try_emplace(sha256); !is_new) total_bytes_ -= found->second.bytes;
  kept_[sha256] = {clock_.NowMs(), bytes};
  return Upload{std::move(sha256), bytes, clock_.NowMs() + options_.lifetime_ms};
}

Result<std::optional<Upload>> Uploads::Find(const std::string& sha256) {
  TRY(CheckDigest(sha256));
  const std::lock_guard lock(mutex_);
  TRY(Open());
  Sweep();
  const auto found = kept_.find(sha256);
  if (found == kept_.end()) return std::optional<Upload>();
  found->second.came_ms = clock_.NowMs();
  return std::optional<Upload>({sha256, found->second.bytes, clock_.NowMs() + options_.lifetime_ms});
}

Result<std::string> Uploads::Read(const std::string& sha256) {
  TRY_ASSIGN(const std::optional<Upload> upload, Find(sha256));
  if (!upload) return NotFound("no upload " + sha256 + " is kept: it never came, or has expired; send it again");
  std::ifstream file(folder_ / sha256, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file && Sha256Hex(bytes) == sha256) return bytes;
  // Not kept any longer, so that the same content is taken in anew.
  const std::lock_guard lock(mutex_);
  if (const auto kept = kept_.find(sha256); kept != kept_.end()) {
    total_bytes_ -= kept->second.bytes;
    kept_.erase(kept);
  }
  std::error_code ignored;
  fs::remove(folder_ / sha256, ignored);
  return Error{Code::kDataLoss, "upload " + sha256 + " was damaged on the router's disk: send it again"};
}

void Uploads::Post(std::function<void()> work) { boost::asio::post(thread_, std::move(work)); }

}  // namespace troupe::gateway
