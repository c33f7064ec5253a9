// The passages of a folder of documents with their vectors: searched exactly, kept in a file, brought up to date when
// files change. Only files whose content is new are embedded again.
//
// Owned by the retrieve agent; one thread at a time. Refresh reads files and embeds; Search does neither.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "agents/retrieve/chunk.h"
#include "runtime/base/error.h"

namespace troupe::retrieve {

// [texts.size()] vectors of one width.
using EmbedTexts = std::function<Result<std::vector<std::vector<float>>>(std::vector<std::string>)>;

struct IndexOptions {
  ChunkOptions chunk;
  // Larger files are left out, with a warning.
  uint64_t max_file_bytes = 16u << 20;
  // More than these: the folder is refused.
  size_t max_files = 100'000;
  size_t max_passages = 1'000'000;
};

struct Hit {
  const Passage* passage = nullptr;  // valid until the next Refresh
  std::string source;                // the file, relative to the folder, with '/'
  float score = 0;                   // cosine
};

class Index {
 public:
  // Reads the kept index of this folder, model and way of cutting, if `cache_dir` has one that is whole; nothing is
  // scanned yet. An empty cache_dir keeps nothing.
  Index(std::filesystem::path folder, std::filesystem::path cache_dir, std::string model_digest, IndexOptions options);

  // Looks at the folder's .txt and .md files and embeds what is new. Files that cannot be used (not UTF-8, too large)
  // are left out and named in warnings(). Errors: NOT_FOUND for the folder, RESOURCE_EXHAUSTED beyond the limits, and
  // what `embed` says; the index stays as it was then.
  Status Refresh(const EmbedTexts& embed);

  // The k nearest to a vector of length 1, best first; equals in order of source and line.
  std::vector<Hit> Search(std::span<const float> query, size_t k, float min_score) const;

  size_t passages() const;
  size_t files() const { return files_.size(); }
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  struct Document {
    uint64_t bytes = 0;
    int64_t modified_ns = 0;
    std::string sha256;
    std::vector<Passage> passages;
    // [passages.size()][width_], row by row, each of length 1.
    std::vector<float> vectors;
  };
  struct Scan;

  Result<std::map<std::string, Scan>> ScanFolder();
  Result<Document> Read(const std::string& source, const Scan& scan, const EmbedTexts& embed);
  void Load();
  Status Save() const;

  std::filesystem::path folder_;
  std::filesystem::path file_;
  IndexOptions options_;
  size_t width_ = 0;
  // By path relative to the folder.
  std::map<std::string, Document> files_;
  std::vector<std::string> warnings_;
};

}  // namespace troupe::retrieve
