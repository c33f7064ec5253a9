#include "runtime/text/tokenizer.h"

#include <fstream>
#include <utility>

#include "runtime/text/gguf_tokenizer.h"
#include "runtime/text/rust_bridge.h"

namespace troupe::text {
namespace {

Error TooLong(size_t bytes) {
  return Invalid("the text has " + std::to_string(bytes) + " bytes; a tokeniser takes at most " +
                 std::to_string(Tokenizer::kMaxTextBytes) + ": split it");
}

std::string_view Piece(const std::string& all, const std::vector<uint32_t>& offsets, TokenId id) {
  if (id < 0 || static_cast<size_t>(id) + 1 >= offsets.size()) return {};
  return std::string_view(all).substr(offsets[id], offsets[id + 1] - offsets[id]);
}

}  // namespace

Tokenizer::Tokenizer(troupe_tokenizer* raw) : raw_(raw) {}

Tokenizer::~Tokenizer() { troupe_tokenizer_free(raw_); }

Result<std::shared_ptr<const Tokenizer>> Tokenizer::FromFile(const std::filesystem::path& tokenizer_json) {
  std::error_code missing;
  auto size = std::filesystem::file_size(tokenizer_json, missing);
  if (missing) return NotFound(tokenizer_json.string() + ": " + missing.message());
  if (size > kMaxFileBytes) {
    return Invalid(tokenizer_json.string() + ": " + std::to_string(size) + " bytes are too many for a tokeniser");
  }
  std::ifstream file(tokenizer_json, std::ios::binary);
  std::string json(size, '\0');
  if (!file.read(json.data(), static_cast<std::streamsize>(size))) {
    return Invalid(tokenizer_json.string() + ": cannot be read");
  }
  auto tokenizer = FromJson(json);
  if (!tokenizer) return Error{tokenizer.error().code, tokenizer_json.string() + ": " + tokenizer.error().message};
  return tokenizer;
}

Result<std::shared_ptr<const Tokenizer>> Tokenizer::FromJson(std::string_view json) {
  troupe_text_error error;
  troupe_tokenizer* raw = nullptr;
  if (!troupe_tokenizer_from_json(Data(json), json.size(), &raw, &error)) {
    return TakeError(error, "not a tokeniser that can be used: ");
  }
  std::shared_ptr<Tokenizer> tokenizer(new Tokenizer(raw));
  TRY(tokenizer->ReadTokens());
  tokenizer->GuessSpecials();
  return tokenizer;
}

Result<std::shared_ptr<const Tokenizer>> Tokenizer::FromGgufVocab(const GgufVocab& vocab) {
  TRY_ASSIGN(std::string json, GgufTokenizerJson(vocab));
  troupe_text_error error;
  troupe_tokenizer* raw = nullptr;
  if (!troupe_tokenizer_from_json(Data(json), json.size(), &raw, &error)) {
    return TakeError(error, "the GGUF's vocabulary makes no tokeniser: ");
  }
  std::shared_ptr<Tokenizer> tokenizer(new Tokenizer(raw));
  TRY(tokenizer->ReadTokens());
  tokenizer->bos_id_ = vocab.bos_id;
  tokenizer->eos_id_ = vocab.eos_id;
  tokenizer->pad_id_ = vocab.pad_id;
  tokenizer->unk_id_ = vocab.unk_id;
  return tokenizer;
}

Status Tokenizer::ReadTokens() {
  troupe_text_error error;
  troupe_token_table table{};
  if (!troupe_tokenizer_table(raw_, &table, &error)) return TakeError(error);
  RustBytes names(table.names), bytes(table.bytes), special(table.special);
  RustWords name_offsets(table.name_offsets), byte_offsets(table.byte_offsets);
  names_ = names.view();
  bytes_ = bytes.view();
  name_offsets_.assign(name_offsets.view().begin(), name_offsets.view().end());
  byte_offsets_.assign(byte_offsets.view().begin(), byte_offsets.view().end());
  special_.assign(special.view().begin(), special.view().end());
  vocab_size_ = static_cast<int32_t>(special_.size());
  byte_level_ = table.byte_level;
  strips_first_blank_ = table.strips_first_blank;
  return {};
}

// tokenizer.json does not say which token plays which part, so this goes by the names in use.
void Tokenizer::GuessSpecials() {
  auto first_of = [this](std::initializer_list<std::string_view> names) -> std::optional<TokenId> {
    for (std::string_view name : names) {
      if (auto id = IdOf(name)) return id;
    }
    return std::nullopt;
  };
  bos_id_ = first_of({"[CLS]", "<s>", "<|begin_of_text|>", "<bos>", "<|im_start|>"});
  eos_id_ = first_of({"[SEP]", "</s>", "<|im_end|>", "<|eot_id|>", "<|end_of_text|>", "<eos>", "<|endoftext|>"});
  pad_id_ = first_of({"[PAD]", "<pad>", "<|pad|>"});
  unk_id_ = first_of({"[UNK]", "<unk>"});
}

Result<std::vector<TokenId>> Tokenizer::Encode(std::string_view text, Specials specials) const {
  if (text.size() > kMaxTextBytes) return TooLong(text.size());
  troupe_text_error error;
  RustWords ids;
  if (!troupe_tokenizer_encode(raw_, Data(text), text.size(), static_cast<uint32_t>(specials), &ids, nullptr, &error)) {
    return TakeError(error);
  }
  return ids.ids();
}

Result<std::vector<TokenSpan>> Tokenizer::EncodeWithOffsets(std::string_view text, Specials specials) const {
  if (text.size() > kMaxTextBytes) return TooLong(text.size());
  troupe_text_error error;
  RustWords ids, spans;
  if (!troupe_tokenizer_encode(raw_, Data(text), text.size(), static_cast<uint32_t>(specials), &ids, &spans, &error)) {
    return TakeError(error);
  }
  std::vector<TokenSpan> tokens(ids.len);
  for (size_t i = 0; i < ids.len; ++i) {
    tokens[i] = {static_cast<TokenId>(ids.data[i]), spans.data[2 * i], spans.data[2 * i + 1]};
  }
  return tokens;
}

Result<PairEncoding> Tokenizer::EncodePair(std::string_view first, std::string_view second) const {
  if (first.size() > kMaxTextBytes) return TooLong(first.size());
  if (second.size() > kMaxTextBytes) return TooLong(second.size());
  troupe_text_error error;
  troupe_pair pair{};
  if (!troupe_tokenizer_encode_pair(raw_, Data(first), first.size(), Data(second), second.size(), &pair, &error)) {
    return TakeError(error);
  }
  RustWords ids(pair.ids), type_ids(pair.type_ids);
  return PairEncoding{ids.ids(), type_ids.ids()};
}

Result<std::string> Tokenizer::Decode(std::span<const TokenId> ids, bool skip_special) const {
  for (TokenId id : ids) {
    if (id < 0 || id >= vocab_size_) {
      return Invalid("token " + std::to_string(id) + " is outside the vocabulary of " + std::to_string(vocab_size_));
    }
  }
  troupe_text_error error;
  RustBytes text;
  if (!troupe_tokenizer_decode(raw_, reinterpret_cast<const uint32_t*>(ids.data()), ids.size(), skip_special, &text,
                               &error)) {
    return TakeError(error);
  }
  return std::string(text.view());
}

std::string_view Tokenizer::TokenBytes(TokenId id) const { return Piece(bytes_, byte_offsets_, id); }

std::string_view Tokenizer::TokenName(TokenId id) const { return Piece(names_, name_offsets_, id); }

std::optional<TokenId> Tokenizer::IdOf(std::string_view token) const {
  int64_t id = troupe_tokenizer_id(raw_, Data(token), token.size());
  if (id < 0) return std::nullopt;
  return static_cast<TokenId>(id);
}

bool Tokenizer::IsSpecial(TokenId id) const {
  return id >= 0 && static_cast<size_t>(id) < special_.size() && special_[static_cast<size_t>(id)];
}

}  // namespace troupe::text
