#include "agents/retrieve/index.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <numeric>
#include <sstream>
#include <system_error>
#include <tuple>
#include <utility>

#include "runtime/base/digest.h"
#include "runtime/base/value.h"

namespace troupe::retrieve {
namespace fs = std::filesystem;
namespace {

// The kept file: this line, the head's length in bytes as decimal digits and a newline, the head as JSON, then the
// vectors as little-endian floats, then the SHA-256 of all before it in hex.
constexpr std::string_view kMagic = "troupe-retrieve-index-1\n";
constexpr size_t kDigestBytes = 64;

bool IsUtf8(std::string_view text) {
  try {
    (void)Value(std::string(text)).dump();
    return true;
  } catch (const Value::exception&) {
    return false;
  }
}

bool IsDocument(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return extension == ".txt" || extension == ".md";
}

Result<std::string> ReadAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return NotFound("cannot read " + path.string());
  std::ostringstream content;
  content << file.rdbuf();
  return std::move(content).str();
}

void Normalise(std::vector<float>& vector) {
  const double length = std::sqrt(std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0));
  if (length == 0) return;
  for (float& x : vector) x = static_cast<float>(x / length);
}

}  // namespace

struct Index::Scan {
  fs::path path;
  uint64_t bytes = 0;
  int64_t modified_ns = 0;
};

Index::Index(fs::path folder, fs::path cache_dir, std::string model_digest, IndexOptions options)
    : folder_(std::move(folder)), options_(options) {
  if (cache_dir.empty()) return;
  const std::string key = folder_.string() + '\n' + model_digest + '\n' + std::to_string(options_.chunk.size) + ' ' +
                          std::to_string(options_.chunk.overlap);
  file_ = cache_dir / (Sha256Hex(key) + ".index");
  Load();
}

Result<std::map<std::string, Index::Scan>> Index::ScanFolder() {
  std::error_code error;
  if (!fs::is_directory(folder_, error)) {
    return NotFound("no folder of documents at " + folder_.string() + ": create it or correct `documents`");
  }
  std::map<std::string, Scan> found;
  fs::recursive_directory_iterator at(folder_, fs::directory_options::skip_permission_denied, error), end;
  for (; !error && at != end; at.increment(error)) {
    std::error_code one;
    if (!at->is_regular_file(one) || one || !IsDocument(at->path())) continue;
    const std::string source = at->path().lexically_relative(folder_).generic_string();
    const uint64_t bytes = at->file_size(one);
    if (one) continue;  // gone in the meantime
    if (bytes > options_.max_file_bytes) {
      warnings_.push_back(source + ": left out, it has more than " + std::to_string(options_.max_file_bytes) +
                          " bytes");
      continue;
    }
    const auto modified = at->last_write_time(one);
    if (one) continue;
    found[source] = {at->path(), bytes, modified.time_since_epoch().count()};
    if (found.size() > options_.max_files) {
      return Exhausted(folder_.string() + " holds more than " + std::to_string(options_.max_files) +
                       " documents: name a smaller folder");
    }
  }
  if (error) return Internal("reading the folder " + folder_.string() + " failed: " + error.message());
  return found;
}

Result<Index::Document> Index::Read(const std::string& source, const Scan& scan, const EmbedTexts& embed) {
  TRY_ASSIGN(std::string content, ReadAll(scan.path));
  Document document{scan.bytes, scan.modified_ns, Sha256Hex(content), {}, {}};
  if (const auto old = files_.find(source); old != files_.end() && old->second.sha256 == document.sha256) {
    document.passages = old->second.passages;
    document.vectors = old->second.vectors;
    return document;
  }
  if (!IsUtf8(content)) {
    warnings_.push_back(source + ": left out, it is not UTF-8");
    return document;
  }
  document.passages = Chunk(content, options_.chunk);
  if (document.passages.empty()) return document;
  std::vector<std::string> texts;
  for (const Passage& passage : document.passages) {
    texts.push_back(passage.title.empty() ? passage.text : passage.title + "\n" + passage.text);
  }
  TRY_ASSIGN(auto vectors, embed(std::move(texts)));
  if (vectors.size() != document.passages.size())
    return Internal("the embedder gave another number of vectors than texts");
  for (std::vector<float>& vector : vectors) {
    if (width_ == 0) width_ = vector.size();
    if (vector.size() != width_ || width_ == 0) return Internal("the embedder changed its width");
    Normalise(vector);
    document.vectors.insert(document.vectors.end(), vector.begin(), vector.end());
  }
  return document;
}

Status Index::Refresh(const EmbedTexts& embed) {
  warnings_.clear();
  TRY_ASSIGN(const auto found, ScanFolder());
  std::map<std::string, Document> next;
  bool changed = found.size() != files_.size();
  size_t count = 0;
  for (const auto& [source, scan] : found) {
    const auto old = files_.find(source);
    const bool same =
        old != files_.end() && old->second.bytes == scan.bytes && old->second.modified_ns == scan.modified_ns;
    if (same) {
      next[source] = old->second;
    } else {
      changed = true;
      auto document = Read(source, scan, embed);
      if (!document && document.error().code == Code::kNotFound) continue;  // gone in the meantime
      if (!document) return Error(document.error());
      next[source] = std::move(*document);
    }
    count += next[source].passages.size();
    if (count > options_.max_passages) {
      return Exhausted(folder_.string() + " makes more than " + std::to_string(options_.max_passages) +
                       " passages: name a smaller folder or a larger chunkSize");
    }
  }
  if (!changed) return {};
  files_ = std::move(next);
  if (auto saved = Save(); !saved) warnings_.push_back("the index is not kept: " + saved.error().message);
  return {};
}

std::vector<Hit> Index::Search(std::span<const float> query, size_t k, float min_score) const {
  std::vector<Hit> hits;
  if (query.size() != width_) return hits;
  for (const auto& [source, document] : files_) {
    for (size_t i = 0; i < document.passages.size(); ++i) {
      const float* row = document.vectors.data() + i * width_;
      const float score = std::inner_product(query.begin(), query.end(), row, 0.0f);
      if (score >= min_score) hits.push_back({&document.passages[i], source, score});
    }
  }
  k = std::min(k, hits.size());
  const auto better = [](const Hit& a, const Hit& b) {
    return std::tie(b.score, a.source, a.passage->line) < std::tie(a.score, b.source, b.passage->line);
  };
  std::partial_sort(hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(k), hits.end(), better);
  hits.resize(k);
  return hits;
}

size_t Index::passages() const {
  size_t count = 0;
  for (const auto& [source, document] : files_) count += document.passages.size();
  return count;
}

void Index::Load() {
  auto content = ReadAll(file_);
  if (!content || content->size() < kMagic.size() + kDigestBytes || content->compare(0, kMagic.size(), kMagic) != 0)
    return;
  const std::string_view body = std::string_view(*content).substr(0, content->size() - kDigestBytes);
  if (Sha256Hex(body) != content->substr(body.size())) return;
  const size_t newline = body.find('\n', kMagic.size());
  if (newline == std::string_view::npos) return;
  // The digest proves that Save wrote this, so its form is as Save writes it.
  const size_t head_bytes = std::stoul(std::string(body.substr(kMagic.size(), newline - kMagic.size())));
  const Value head = Value::parse(body.substr(newline + 1, head_bytes), nullptr, false);
  if (head.is_discarded()) return;
  width_ = head.at("width").get<size_t>();
  const char* floats = body.data() + newline + 1 + head_bytes;
  for (const auto& [source, entry] : head.at("files").items()) {
    Document document{entry.at("bytes"), entry.at("modified"), entry.at("sha256"), {}, {}};
    for (const Value& passage : entry.at("passages")) {
      document.passages.push_back({passage.at("text"), passage.at("title"), passage.at("line")});
    }
    document.vectors.resize(document.passages.size() * width_);
    std::memcpy(document.vectors.data(), floats, document.vectors.size() * sizeof(float));
    floats += document.vectors.size() * sizeof(float);
    files_[source] = std::move(document);
  }
}

Status Index::Save() const {
  if (file_.empty()) return {};
  Value head = {{"width", width_}, {"files", Value::object()}};
  std::string floats;
  for (const auto& [source, document] : files_) {
    Value passages = Value::array();
    for (const Passage& p : document.passages)
      passages.push_back({{"text", p.text}, {"title", p.title}, {"line", p.line}});
    head["files"][source] = {{"bytes", document.bytes},
                             {"modified", document.modified_ns},
                             {"sha256", document.sha256},
                             {"passages", std::move(passages)}};
    floats.append(reinterpret_cast<const char*>(document.vectors.data()), document.vectors.size() * sizeof(float));
  }
  const std::string json = Dump(head);
  std::string body(kMagic);
  body += std::to_string(json.size()) + "\n" + json + floats;
  body += Sha256Hex(body);
  std::error_code error;
  fs::create_directories(file_.parent_path(), error);
  const fs::path part = file_.string() + "." + std::to_string(::getpid()) + ".part";
  std::ofstream out(part, std::ios::binary | std::ios::trunc);
  out.write(body.data(), static_cast<std::streamsize>(body.size()));
  out.close();
  if (!out) {
    fs::remove(part, error);
    return Unavailable("writing " + part.string() + " failed: is the disk full?");
  }
  fs::rename(part, file_, error);
  if (error) return Unavailable("renaming " + part.string() + " failed: " + error.message());
  return {};
}

}  // namespace troupe::retrieve
