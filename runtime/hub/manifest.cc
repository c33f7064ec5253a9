#include "runtime/hub/manifest.h"

#include <algorithm>

#include "runtime/base/digest.h"
#include "runtime/base/value.h"

namespace troupe::hub {
namespace {

std::string Text(const Value& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

int64_t Number(const Value& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<int64_t>() : -1;
}

}  // namespace

int64_t Entry::Bytes() const {
  int64_t bytes = 0;
  for (const StoredFile& file : files) bytes += file.bytes;
  return bytes;
}

Source EntrySource(Source source) {
  if (source.registry == Registry::kPyPi) source.path.clear();
  return source;
}

std::string ModelDigest(const std::vector<StoredFile>& files, const std::string& path) {
  const std::string folder = path.empty() ? "" : path + "/";
  std::vector<StoredFile> weights;
  for (const StoredFile& file : files) {
    if (file.name == path) return file.sha256;
    const bool inside = file.name.starts_with(folder) && file.name.find('/', folder.size()) == file.name.npos;
    if (inside && file.name.ends_with(".safetensors")) weights.push_back(file);
  }
  if (weights.empty()) return "";
  if (weights.size() == 1) return weights[0].sha256;
  std::sort(weights.begin(), weights.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  std::string digests;
  for (const StoredFile& file : weights) digests += file.sha256;
  return Sha256Hex(digests);
}

std::string ToJson(const Entry& entry) {
  Value files = Value::array();
  for (const StoredFile& file : entry.files) {
    files.push_back({{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}});
  }
  const Value json = {{"source", ToString(entry.source)}, {"commit", entry.commit}, {"host", entry.host},
                      {"pulled_ms", entry.pulled_ms},     {"model", entry.model},   {"files", std::move(files)}};
  return json.dump(1) + "\n";
}

Result<Entry> EntryFromJson(std::string_view text) {
  TRY_ASSIGN(const Value json, ParseValue(text));
  const Error wrong = Invalid("no manifest of a pulled model");
  if (!json.is_object() || !json.contains("files") || !json["files"].is_array()) return wrong;
  Entry entry;
  TRY_ASSIGN(entry.source, ParseSource(Text(json, "source")));
  entry.commit = Text(json, "commit");
  entry.host = Text(json, "host");
  entry.pulled_ms = Number(json, "pulled_ms");
  entry.model = Text(json, "model");
  for (const Value& value : json["files"]) {
    if (!value.is_object()) return wrong;
    StoredFile file{Text(value, "name"), Number(value, "bytes"), Text(value, "sha256")};
    if (!IsPlainPath(file.name) || file.bytes < 0 || !IsHex(file.sha256, 64)) return wrong;
    entry.files.push_back(std::move(file));
  }
  return entry;
}

}  // namespace troupe::hub
