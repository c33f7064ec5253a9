// The file that an export is (proto/troupe/v1/export.proto): items with a digest each, so that damage is found where it
// is, and one digest over all at the end, so that nothing is missing or moved.
//
// One thread. A writer that is dropped before Finish leaves no file; readers trust nothing that they read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "runtime/base/error.h"
#include "troupe/v1/export.pb.h"

namespace troupe::journal {

inline constexpr int kExportFormat = 1;
inline constexpr size_t kMaxItemBytes = 64u << 20;

class ExportWriter {
 public:
  // The file appears under its name once it is finished; one that is there is replaced.
  static Result<ExportWriter> Open(const std::filesystem::path& path);
  ExportWriter(ExportWriter&&) = default;
  ExportWriter& operator=(ExportWriter&&) = delete;
  ~ExportWriter();

  // Errors: RESOURCE_EXHAUSTED for an item beyond the limit; UNAVAILABLE where the file cannot be written.
  Status Write(const v1::ExportItem& item);
  // Adds the end, which is then on disk.
  Status Finish();

 private:
  explicit ExportWriter(std::filesystem::path path) : path_(std::move(path)), part_(path_.string() + ".part") {}

  std::filesystem::path path_;
  std::string part_;
  std::ofstream file_;
  std::string digest_;
  int64_t records_ = 0;
  int64_t payloads_ = 0;
};

class ExportReader {
 public:
  // Errors: NOT_FOUND; DATA_LOSS for a file that is no export; FAILED_PRECONDITION for one of a newer release.
  static Result<ExportReader> Open(const std::filesystem::path& path);

  // The next item: first the header, last the end, then nothing. Errors: DATA_LOSS with the byte where the damage is.
  Result<std::optional<v1::ExportItem>> Next();
  // Where the item that Next gave last begins.
  int64_t offset() const { return offset_; }
  // The item that begins there. Next goes on where it was.
  Result<v1::ExportItem> At(int64_t offset);
  // An error that names the file and where the last item begins.
  Error Damaged(const std::string& what) const;

 private:
  explicit ExportReader(std::filesystem::path path) : path_(std::move(path)) {}
  Result<v1::ExportItem> Read();
  Status CheckEnd(const v1::ExportEnd& end);

  std::filesystem::path path_;
  std::ifstream file_;
  int64_t size_ = 0;
  int64_t offset_ = 0;
  int64_t next_ = 0;
  std::string item_digest_;
  std::string digest_;
  int64_t items_ = 0;
  int64_t records_ = 0;
  int64_t payloads_ = 0;
  bool ended_ = false;
};

}  // namespace troupe::journal
