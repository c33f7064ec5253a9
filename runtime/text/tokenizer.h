// Text to token ids and back, as the model was trained: Hugging Face's tokenizers behind a C++ face. Built from a
// tokenizer.json or from a GGUF's vocabulary. Padding and truncation that a tokenizer.json asks for are switched off:
// how long a text may be is its caller's decision. Immutable once built: share one among any number of threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/text/gguf_vocab.h"

struct troupe_tokenizer;

namespace troupe::text {

using TokenId = int32_t;

// Whether Encode adds what the model expects around a text ([CLS] and [SEP], a BOS, ...). Special tokens that are
// spelled out in the text are recognised either way; encode untrusted text with kPlain to take them as mere letters.
enum class Specials : uint8_t {
  kAdd,     // recognise spelled-out special tokens, add the model's own
  kInText,  // recognise them, add none: for text rendered by a chat template
  kPlain,   // add none, and read "<|im_end|>" as letters: for untrusted text
};

struct TokenSpan {
  TokenId id = 0;
  // The bytes [begin, end) of the text that the token stands for; both 0 for an added special token.
  uint32_t begin = 0;
  uint32_t end = 0;
};

struct PairEncoding {
  std::vector<TokenId> ids;
  std::vector<int32_t> type_ids;  // 0 for the first text, 1 for the second, as BERT wants them
};

class Tokenizer {
 public:
  static constexpr size_t kMaxTextBytes = 16u << 20;
  static constexpr size_t kMaxFileBytes = 128u << 20;

  // Errors: NOT_FOUND, INVALID_ARGUMENT with the file's name and what is wrong in it.
  static Result<std::shared_ptr<const Tokenizer>> FromFile(const std::filesystem::path& tokenizer_json);
  static Result<std::shared_ptr<const Tokenizer>> FromJson(std::string_view json);
  // Errors: INVALID_ARGUMENT for lists that do not fit together, UNIMPLEMENTED for a model or pre-tokeniser not known
  // here (the message names those that are).
  static Result<std::shared_ptr<const Tokenizer>> FromGgufVocab(const GgufVocab& vocab);

  ~Tokenizer();
  Tokenizer(const Tokenizer&) = delete;
  Tokenizer& operator=(const Tokenizer&) = delete;

  // Errors: INVALID_ARGUMENT for text that is not UTF-8 or is longer than kMaxTextBytes.
  Result<std::vector<TokenId>> Encode(std::string_view text, Specials specials = Specials::kAdd) const;
  Result<std::vector<TokenSpan>> EncodeWithOffsets(std::string_view text, Specials specials = Specials::kAdd) const;
  // Two texts as one input, e.g. [CLS] a [SEP] b [SEP].
  Result<PairEncoding> EncodePair(std::string_view first, std::string_view second) const;

  // Bytes that are no UTF-8 come out as U+FFFD: use StreamDecoder where text arrives token by token.
  Result<std::string> Decode(std::span<const TokenId> ids, bool skip_special = true) const;

  // The bytes that a token adds to the text; possibly part of a character. Empty for special tokens and ids outside the
  // vocabulary. For WordPiece: the piece, with a blank before it where it begins a word.
  std::string_view TokenBytes(TokenId id) const;
  // The token as the vocabulary spells it ("Ġthe"); empty for an id outside it.
  std::string_view TokenName(TokenId id) const;

  // Ids run from 0 to vocab_size() - 1. A model's output head may be wider.
  int32_t vocab_size() const { return vocab_size_; }
  // By the vocabulary's spelling: IdOf("<|im_end|>").
  std::optional<TokenId> IdOf(std::string_view token) const;
  bool IsSpecial(TokenId id) const;

  // Where known: from the GGUF, or from the usual names in a tokenizer.json.
  std::optional<TokenId> bos_id() const { return bos_id_; }
  std::optional<TokenId> eos_id() const { return eos_id_; }
  std::optional<TokenId> pad_id() const { return pad_id_; }
  std::optional<TokenId> unk_id() const { return unk_id_; }
  // True where every byte string can be spelled in tokens (byte-level BPE, byte fallback): what Grammar needs.
  bool is_byte_level() const { return byte_level_; }

  // True where the first token's leading blank is no part of the text (SentencePiece, WordPiece).
  bool strips_first_blank() const { return strips_first_blank_; }

  // For runtime/text's own use.
  const troupe_tokenizer* raw() const { return raw_; }

 private:
  explicit Tokenizer(troupe_tokenizer* raw);
  Status ReadTokens();
  void GuessSpecials();

  troupe_tokenizer* raw_;  // owned
  int32_t vocab_size_ = 0;
  bool byte_level_ = false;
  bool strips_first_blank_ = false;
  std::optional<TokenId> bos_id_, eos_id_, pad_id_, unk_id_;
  // All tokens' bytes in one piece, and all names: token i is [offsets[i], offsets[i + 1]).
  std::string bytes_, names_;
  std::vector<uint32_t> byte_offsets_, name_offsets_;
  std::vector<bool> special_;
};

}  // namespace troupe::text
