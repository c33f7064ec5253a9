// Which safetensors files of a Hugging Face folder are the model: model.safetensors, or the shards that
// model.safetensors.index.json names, or whatever *.safetensors lie there. The index is untrusted like the files: it
// must name files in the folder, and its shards must hold the tensors that it says, all of them and no others.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/safetensors.h"

namespace troupe::model {

struct ShardIndex {
  static constexpr size_t kMaxBytes = 64u << 20;
  static constexpr size_t kMaxTensors = 1u << 20;
  static constexpr size_t kMaxShards = 4096;

  // A tensor's name to its shard's, which is a plain file name.
  std::map<std::string, std::string, std::less<>> shard_of;
  // Bytes of all tensors together, where the index says it.
  std::optional<uint64_t> total_size;

  // `where` names the index in messages. Errors: INVALID_ARGUMENT.
  static Result<ShardIndex> Parse(std::string_view json, const std::string& where);
  // In order of their names, each once.
  std::vector<std::string> Shards() const;
};

// The files, opened and checked against the index. Errors: NOT_FOUND naming the missing file; INVALID_ARGUMENT for an
// index and shards that contradict each other, or for too many files.
Result<std::vector<Safetensors>> OpenSafetensorsOf(const std::filesystem::path& folder);

}  // namespace troupe::model
