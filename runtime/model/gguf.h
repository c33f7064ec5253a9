// Reader for GGUF versions 2 and 3 (ggml-org/ggml, docs/gguf.md): typed metadata, then tensors in ggml's formats. The
// file is untrusted: every count, length, offset and depth is checked against what is left of the file before use.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/mapped_file.h"
#include "runtime/model/tensor_view.h"
#include "runtime/text/gguf_vocab.h"

namespace troupe::model {

// Integers of all widths are widened. Arrays of arrays are read past, not kept: nothing here uses them.
struct GgufNested {
  bool operator==(const GgufNested&) const = default;
};
using GgufValue = std::variant<int64_t, uint64_t, double, bool, std::string, std::vector<int64_t>, std::vector<double>,
                               std::vector<std::string>, GgufNested>;

class Gguf {
 public:
  static constexpr uint64_t kMaxMetadata = 65'536;
  static constexpr uint64_t kMaxTensors = 65'536;
  static constexpr uint64_t kMaxNameBytes = 65'535;
  static constexpr int kMaxArrayDepth = 4;

  // Errors: INVALID_ARGUMENT with the file, the key or tensor, the byte offset and what is wrong; UNIMPLEMENTED for a
  // version or a tensor format not known here.
  static Result<Gguf> Open(std::shared_ptr<const MappedFile> file);

  const GgufValue* FindMetadata(std::string_view key) const;
  // Errors: NOT_FOUND for a missing key, INVALID_ARGUMENT for another type or a value out of range.
  Result<int64_t> GetInt(std::string_view key) const;
  Result<double> GetFloat(std::string_view key) const;
  Result<std::string> GetString(std::string_view key) const;
  // The same where the key may be missing.
  Result<int64_t> GetIntOr(std::string_view key, int64_t otherwise) const;
  Result<double> GetFloatOr(std::string_view key, double otherwise) const;
  Result<std::string> GetStringOr(std::string_view key, std::string otherwise) const;

  // The tokeniser's part of the metadata. Errors: NOT_FOUND where there is none, INVALID_ARGUMENT for a wrong type.
  Result<text::GgufVocab> Vocab() const;

  // nullptr where there is none.
  const TensorView* Find(std::string_view name) const;
  const std::map<std::string, TensorView, std::less<>>& tensors() const { return tensors_; }
  const std::map<std::string, GgufValue, std::less<>>& metadata() const { return metadata_; }
  const std::filesystem::path& path() const { return file_->path(); }

 private:
  friend class GgufParser;
  std::shared_ptr<const MappedFile> file_;
  std::map<std::string, GgufValue, std::less<>> metadata_;
  std::map<std::string, TensorView, std::less<>> tensors_;
};

}  // namespace troupe::model
