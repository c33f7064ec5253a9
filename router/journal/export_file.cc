#include "router/journal/export_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "runtime/base/digest.h"

namespace troupe::journal {
namespace {

constexpr std::string_view kFirstLine = "troupe journal export 1\n";
constexpr size_t kDigestChars = 16;
constexpr size_t kHeadBytes = 4 + kDigestChars;

bool SyncFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool ok = fsync(file) == 0;
  close(file);
  return ok;
}

}  // namespace

Result<ExportWriter> ExportWriter::Open(const std::filesystem::path& path) {
  ExportWriter writer(path);
  writer.file_.open(writer.part_, std::ios::binary | std::ios::trunc);
  writer.file_ << kFirstLine;
  if (!writer.file_) {
    return FailedPrecondition("cannot write " + writer.part_ + ": " + std::strerror(errno) +
                              "; does its folder exist, and may this user write there?");
  }
  return writer;
}

ExportWriter::~ExportWriter() {
  if (part_.empty() || !file_.is_open()) return;
  file_.close();
  std::error_code ignored;
  std::filesystem::remove(part_, ignored);
}

Status ExportWriter::Write(const v1::ExportItem& item) {
  const std::string bytes = item.SerializeAsString();
  if (bytes.size() > kMaxItemBytes) {
    return Exhausted("an item of " + std::to_string(bytes.size()) + " bytes does not fit into an export, which takes " +
                     std::to_string(kMaxItemBytes));
  }
  const std::string digest = Sha256Hex(bytes);
  std::array<char, 4> length{};
  for (size_t i = 0; i < 4; ++i) length[i] = static_cast<char>(bytes.size() >> (8 * i));
  file_.write(length.data(), length.size());
  file_.write(digest.data(), kDigestChars);
  file_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file_) return Unavailable("cannot write " + part_ + ": " + std::strerror(errno) + "; is the disk full?");
  digest_ = Sha256Hex(digest_ + digest);
  records_ += item.has_record() ? 1 : 0;
  payloads_ += item.has_payload() ? 1 : 0;
  return {};
}

Status ExportWriter::Finish() {
  v1::ExportItem item;
  item.mutable_end()->set_records(records_);
  item.mutable_end()->set_payloads(payloads_);
  item.mutable_end()->set_sha256(digest_);
  TRY(Write(item));
  file_.flush();
  if (!file_ || !SyncFile(part_)) return Unavailable("cannot write " + part_ + ": " + std::strerror(errno));
  file_.close();
  std::error_code failed;
  std::filesystem::rename(part_, path_, failed);
  if (failed) return Unavailable("cannot write " + path_.string() + ": " + failed.message());
  return {};
}

Result<ExportReader> ExportReader::Open(const std::filesystem::path& path) {
  ExportReader reader(path);
  reader.file_.open(path, std::ios::binary);
  if (!reader.file_) return NotFound("cannot open " + path.string() + ": " + std::strerror(errno));
  std::error_code failed;
  reader.size_ = static_cast<int64_t>(std::filesystem::file_size(path, failed));
  if (failed) return NotFound("cannot open " + path.string() + ": " + failed.message());
  std::string first(kFirstLine.size(), '\0');
  reader.file_.read(first.data(), static_cast<std::streamsize>(first.size()));
  constexpr std::string_view kAnyFormat = "troupe journal export ";
  if (first != kFirstLine && first.starts_with(kAnyFormat)) {
    return FailedPrecondition(path.string() + " was written by a newer release: use that one");
  }
  if (first != kFirstLine) {
    return Error{Code::kDataLoss, path.string() + " is no export of a journal: 'troupe journal export' writes one"};
  }
  reader.next_ = static_cast<int64_t>(kFirstLine.size());
  reader.offset_ = reader.next_;
  return reader;
}

Error ExportReader::Damaged(const std::string& what) const {
  return {Code::kDataLoss, path_.string() + ": byte " + std::to_string(offset_) + ": " + what +
                               "; the file is damaged or was cut off: export again"};
}

Result<v1::ExportItem> ExportReader::Read() {
  std::array<char, kHeadBytes> head{};
  if (size_ - offset_ < static_cast<int64_t>(kHeadBytes)) return Damaged("the file ends before its end item");
  file_.clear();
  file_.seekg(offset_);
  file_.read(head.data(), head.size());
  size_t length = 0;
  for (size_t i = 0; i < 4; ++i) length |= static_cast<size_t>(static_cast<unsigned char>(head[i])) << (8 * i);
  if (length > kMaxItemBytes) return Damaged("an item says that it has " + std::to_string(length) + " bytes");
  if (size_ - offset_ - static_cast<int64_t>(kHeadBytes) < static_cast<int64_t>(length)) {
    return Damaged("an item of " + std::to_string(length) + " bytes is cut off");
  }
  std::string bytes(length, '\0');
  file_.read(bytes.data(), static_cast<std::streamsize>(length));
  if (!file_) return Damaged("cannot be read");
  item_digest_ = Sha256Hex(bytes);
  if (std::string_view(head.data() + 4, kDigestChars) != std::string_view(item_digest_).substr(0, kDigestChars)) {
    return Damaged("an item is not what its digest says");
  }
  v1::ExportItem item;
  if (!item.ParseFromString(bytes)) return Damaged("an item cannot be read");
  next_ = offset_ + static_cast<int64_t>(kHeadBytes + length);
  return item;
}

Result<std::optional<v1::ExportItem>> ExportReader::Next() {
  offset_ = next_;
  if (ended_) {
    if (offset_ != size_) return Damaged("there is something after the end");
    return std::optional<v1::ExportItem>();
  }
  TRY_ASSIGN(v1::ExportItem item, Read());
  if ((items_++ == 0) != item.has_header()) return Damaged("the header is not the first item");
  if (item.has_header() && item.header().format() != kExportFormat) {
    return FailedPrecondition(path_.string() + " has format " + std::to_string(item.header().format()) +
                              ", this release reads " + std::to_string(kExportFormat));
  }
  if (item.has_end()) TRY(CheckEnd(item.end()));
  digest_ = Sha256Hex(digest_ + item_digest_);
  records_ += item.has_record() ? 1 : 0;
  payloads_ += item.has_payload() ? 1 : 0;
  return std::optional<v1::ExportItem>(std::move(item));
}

Status ExportReader::CheckEnd(const v1::ExportEnd& end) {
  ended_ = true;
  if (end.sha256() != digest_ || end.records() != records_ || end.payloads() != payloads_) {
    return Damaged("what the end says is not what came before it");
  }
  return {};
}

Result<v1::ExportItem> ExportReader::At(int64_t offset) {
  const int64_t next = std::exchange(next_, 0);
  const int64_t here = std::exchange(offset_, offset);
  Result<v1::ExportItem> item = Read();
  next_ = next;
  offset_ = here;
  return item;
}

}  // namespace troupe::journal
