#include "runtime/model/shards.h"

#include <algorithm>
#include <set>

#include "runtime/base/value.h"

namespace troupe::model {
namespace {

namespace fs = std::filesystem;

bool Exists(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// A name that cannot lead out of the folder, whatever system reads it.
bool IsPlainName(std::string_view name) {
  constexpr std::string_view kEnding = ".safetensors";
  if (name.size() <= kEnding.size() || name.size() > 255 || !name.ends_with(kEnding) || name.front() == '.')
    return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return c == '-' || c == '_' || c == '.' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
  });
}

Result<Safetensors> OpenOne(const fs::path& path) {
  TRY_ASSIGN(std::shared_ptr<const MappedFile> file, MappedFile::Open(path));
  return Safetensors::Open(std::move(file));
}

Result<std::vector<std::string>> ListFolder(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code failure;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure)) {
    if (entry->path().extension() == ".safetensors") names.push_back(entry->path().filename().string());
    if (names.size() > ShardIndex::kMaxShards) return Invalid(folder.string() + ": more than 4096 *.safetensors in it");
  }
  if (failure) return Internal(folder.string() + ": cannot be listed: " + failure.message());
  if (names.empty()) {
    return NotFound(folder.string() + ": no *.safetensors in it (pytorch_model.bin is not read: convert it)");
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Every tensor is where the index says, and nothing is anywhere else.
Status CheckAgainst(const ShardIndex& index, const std::vector<Safetensors>& shards, const std::string& where) {
  uint64_t bytes = 0;
  size_t found = 0;
  for (const Safetensors& shard : shards) {
    const std::string shard_name = shard.path().filename().string();
    for (const auto& [name, view] : shard.tensors()) {
      const auto entry = index.shard_of.find(name);
      if (entry == index.shard_of.end()) {
        return Invalid(where + ": does not name the tensor \"" + name.substr(0, 128) + "\" that " + shard_name +
                       " holds");
      }
      if (entry->second != shard_name) {
        return Invalid(where + ": tensor \"" + name.substr(0, 128) + "\" is said to be in " + entry->second +
                       ", but is in " + shard_name);
      }
      ++found;
      bytes += view.bytes.size();
    }
  }
  if (found != index.shard_of.size()) {
    for (const auto& [name, shard_name] : index.shard_of) {
      const auto holds = [&name = name](const Safetensors& shard) { return shard.Find(name) != nullptr; };
      if (std::any_of(shards.begin(), shards.end(), holds)) continue;
      return Invalid(
          where + ": tensor \"" + name.substr(0, 128) + "\" is said to be in " + shard_name +
          ", which does not hold it: index and shards are of different models, or a download is not complete");
    }
  }
  if (index.total_size && *index.total_size != bytes) {
    return Invalid(where + ": \"total_size\" is " + std::to_string(*index.total_size) + ", the shards hold " +
                   std::to_string(bytes) + " bytes of tensors: index and shards are of different models");
  }
  return {};
}

}  // namespace

Result<ShardIndex> ShardIndex::Parse(std::string_view json, const std::string& where) {
  auto value = ParseValue(json, {.max_bytes = kMaxBytes, .max_depth = 8});
  if (!value) return Error{value.error().code, where + ": " + value.error().message};
  if (!value->is_object()) return Invalid(where + ": no JSON object");
  const auto map = value->find("weight_map");
  if (map == value->end() || !map->is_object() || map->empty() || map->size() > kMaxTensors) {
    return Invalid(where + ": \"weight_map\" is missing, empty, too large or no object");
  }
  ShardIndex index;
  for (const auto& [tensor, shard] : map->items()) {
    if (!shard.is_string() || !IsPlainName(shard.get_ref<const std::string&>())) {
      return Invalid(where + ": tensor \"" + tensor.substr(0, 128) + "\" is in " + Dump(shard).substr(0, 200) +
                     ", which is not the plain name of a .safetensors file in this folder");
    }
    index.shard_of.emplace(tensor, shard.get<std::string>());
  }
  if (index.Shards().size() > kMaxShards) return Invalid(where + ": it names more than 4096 shards");
  const auto metadata = value->find("metadata");
  if (metadata == value->end() || metadata->is_null()) return index;
  if (!metadata->is_object()) return Invalid(where + ": \"metadata\" is no object");
  if (const auto size = metadata->find("total_size"); size != metadata->end()) {
    // Some writers make it a float.
    if (!size->is_number() || size->get<double>() < 0 || size->get<double>() > 0x1p62) {
      return Invalid(where + ": \"total_size\" is no number of bytes");
    }
    index.total_size = size->get<uint64_t>();
  }
  return index;
}

std::vector<std::string> ShardIndex::Shards() const {
  std::set<std::string_view> names;
  for (const auto& [tensor, shard] : shard_of) names.insert(shard);
  return {names.begin(), names.end()};
}

Result<std::vector<Safetensors>> OpenSafetensorsOf(const fs::path& folder) {
  std::vector<std::string> names;
  std::optional<ShardIndex> index;
  const fs::path index_path = folder / "model.safetensors.index.json";
  if (Exists(folder / "model.safetensors")) {
    names = {"model.safetensors"};
  } else if (Exists(index_path)) {
    TRY_ASSIGN(const std::shared_ptr<const MappedFile> file, MappedFile::Open(index_path));
    const auto bytes = file->bytes();
    TRY_ASSIGN(index,
               ShardIndex::Parse({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, index_path.string()));
    names = index->Shards();
  } else {
    TRY_ASSIGN(names, ListFolder(folder));
  }
  std::vector<Safetensors> opened;
  for (const std::string& name : names) {
    if (index && !Exists(folder / name)) {
      return NotFound(index_path.string() + ": the shard " + name + " is missing in " + folder.string() +
                      ": a download is not complete");
    }
    TRY_ASSIGN(Safetensors tensors, OpenOne(folder / name));
    opened.push_back(std::move(tensors));
  }
  if (index) TRY(CheckAgainst(*index, opened, index_path.string()));
  return opened;
}

}  // namespace troupe::model
