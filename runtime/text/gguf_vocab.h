// What a GGUF file says about its tokeniser, as plain data: runtime/model fills it from the file's metadata, Tokenizer
// builds from it. Field names follow the keys (ggml-org/ggml, docs/gguf.md, "tokenizer.ggml.*").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::text {

struct GgufVocab {
  std::string model;                 // tokenizer.ggml.model: "gpt2" (byte-level BPE) or "llama" (SentencePiece)
  std::string pre;                   // tokenizer.ggml.pre: "smollm", "llama-bpe", "qwen2", ...; empty means "default"
  std::vector<std::string> tokens;   // tokenizer.ggml.tokens: the id is the position
  std::vector<float> scores;         // tokenizer.ggml.scores: empty, or one a token ("llama" needs them)
  std::vector<int32_t> token_types;  // tokenizer.ggml.token_type: empty, or one a token; values of GgufTokenType
  std::vector<std::string> merges;   // tokenizer.ggml.merges: "left right", best first ("gpt2" needs them)
  std::optional<int32_t> bos_id;
  std::optional<int32_t> eos_id;
  std::optional<int32_t> unk_id;
  std::optional<int32_t> pad_id;
  std::optional<bool> add_bos;           // tokenizer.ggml.add_bos_token; absent: no for "gpt2", yes for "llama"
  std::optional<bool> add_eos;           // tokenizer.ggml.add_eos_token; absent: no
  std::optional<bool> add_space_prefix;  // tokenizer.ggml.add_space_prefix; absent: no for "gpt2", yes for "llama"
};

enum class GgufTokenType : int32_t {
  kNormal = 1,
  kUnknown = 2,
  kControl = 3,
  kUserDefined = 4,
  kUnused = 5,
  kByte = 6,
};

}  // namespace troupe::text
