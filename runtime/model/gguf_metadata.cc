// The typed getters of Gguf, and the tokeniser's part of the metadata.
#include <cmath>
#include <limits>

#include "runtime/model/gguf.h"

namespace troupe::model {
namespace {

Error Missing(const Gguf& gguf, std::string_view key) {
  return NotFound(gguf.path().string() + ": metadata \"" + std::string(key) + "\" is missing");
}

Error Wrong(const Gguf& gguf, std::string_view key, std::string_view wanted) {
  return Invalid(gguf.path().string() + ": metadata \"" + std::string(key) + "\" is not " + std::string(wanted));
}

Result<std::optional<int32_t>> OptionalId(const Gguf& gguf, std::string_view key) {
  if (gguf.FindMetadata(key) == nullptr) return std::optional<int32_t>();
  TRY_ASSIGN(const int64_t id, gguf.GetInt(key));
  if (id < 0 || id > std::numeric_limits<int32_t>::max()) return Wrong(gguf, key, "a token id");
  return std::optional<int32_t>(static_cast<int32_t>(id));
}

Result<std::optional<bool>> OptionalBool(const Gguf& gguf, std::string_view key) {
  const GgufValue* value = gguf.FindMetadata(key);
  if (value == nullptr) return std::optional<bool>();
  const bool* flag = std::get_if<bool>(value);
  if (flag == nullptr) return Wrong(gguf, key, "a bool");
  return std::optional<bool>(*flag);
}

// An array of T, or an empty one where the key is missing.
template <typename T>
Result<std::vector<T>> OptionalArray(const Gguf& gguf, std::string_view key, std::string_view wanted) {
  const GgufValue* value = gguf.FindMetadata(key);
  if (value == nullptr) return std::vector<T>();
  const auto* array = std::get_if<std::vector<T>>(value);
  if (array == nullptr) return Wrong(gguf, key, wanted);
  return *array;
}

}  // namespace

Result<int64_t> Gguf::GetInt(std::string_view key) const {
  const GgufValue* value = FindMetadata(key);
  if (value == nullptr) return Missing(*this, key);
  if (const auto* number = std::get_if<int64_t>(value)) return *number;
  if (const auto* number = std::get_if<uint64_t>(value)) {
    if (*number <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return static_cast<int64_t>(*number);
  }
  return Wrong(*this, key, "an integer below 2^63");
}

Result<double> Gguf::GetFloat(std::string_view key) const {
  const GgufValue* value = FindMetadata(key);
  if (value == nullptr) return Missing(*this, key);
  const auto* number = std::get_if<double>(value);
  if (number == nullptr || !std::isfinite(*number)) return Wrong(*this, key, "a finite number");
  return *number;
}

Result<std::string> Gguf::GetString(std::string_view key) const {
  const GgufValue* value = FindMetadata(key);
  if (value == nullptr) return Missing(*this, key);
  const auto* text = std::get_if<std::string>(value);
  if (text == nullptr) return Wrong(*this, key, "a string");
  return *text;
}

Result<int64_t> Gguf::GetIntOr(std::string_view key, int64_t otherwise) const {
  if (FindMetadata(key) == nullptr) return otherwise;
  return GetInt(key);
}

Result<double> Gguf::GetFloatOr(std::string_view key, double otherwise) const {
  if (FindMetadata(key) == nullptr) return otherwise;
  return GetFloat(key);
}

Result<std::string> Gguf::GetStringOr(std::string_view key, std::string otherwise) const {
  if (FindMetadata(key) == nullptr) return otherwise;
  return GetString(key);
}

Result<text::GgufVocab> Gguf::Vocab() const {
  text::GgufVocab vocab;
  TRY_ASSIGN(vocab.model, GetString("tokenizer.ggml.model"));
  TRY_ASSIGN(vocab.pre, GetStringOr("tokenizer.ggml.pre", ""));
  TRY_ASSIGN(vocab.tokens, OptionalArray<std::string>(*this, "tokenizer.ggml.tokens", "an array of strings"));
  TRY_ASSIGN(vocab.merges, OptionalArray<std::string>(*this, "tokenizer.ggml.merges", "an array of strings"));
  TRY_ASSIGN(const std::vector<double> scores,
             OptionalArray<double>(*this, "tokenizer.ggml.scores", "an array of numbers"));
  vocab.scores.assign(scores.begin(), scores.end());
  TRY_ASSIGN(const std::vector<int64_t> types,
             OptionalArray<int64_t>(*this, "tokenizer.ggml.token_type", "an array of integers"));
  for (int64_t type : types) {
    if (type < 0 || type > 255) return Wrong(*this, "tokenizer.ggml.token_type", "an array of token types");
    vocab.token_types.push_back(static_cast<int32_t>(type));
  }
  TRY_ASSIGN(vocab.bos_id, OptionalId(*this, "tokenizer.ggml.bos_token_id"));
  TRY_ASSIGN(vocab.eos_id, OptionalId(*this, "tokenizer.ggml.eos_token_id"));
  TRY_ASSIGN(vocab.unk_id, OptionalId(*this, "tokenizer.ggml.unknown_token_id"));
  TRY_ASSIGN(vocab.pad_id, OptionalId(*this, "tokenizer.ggml.padding_token_id"));
  TRY_ASSIGN(vocab.add_bos, OptionalBool(*this, "tokenizer.ggml.add_bos_token"));
  TRY_ASSIGN(vocab.add_eos, OptionalBool(*this, "tokenizer.ggml.add_eos_token"));
  TRY_ASSIGN(vocab.add_space_prefix, OptionalBool(*this, "tokenizer.ggml.add_space_prefix"));
  return vocab;
}

}  // namespace troupe::model
