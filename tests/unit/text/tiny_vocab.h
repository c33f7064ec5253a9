// A byte-level vocabulary small enough to read: 256 bytes, a few merges, two special tokens.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/text/tokenizer.h"

namespace troupe::text {

// GPT-2's name for a byte.
inline std::string ByteName(int byte) {
  int code = byte;
  bool own = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  if (!own) {
    code = 256;
    for (int before = 0; before < byte; ++before) {
      bool skipped = (before >= 33 && before <= 126) || (before >= 161 && before <= 172) || before >= 174;
      if (!skipped) ++code;
    }
  }
  if (code < 0x80) return std::string(1, static_cast<char>(code));
  return {static_cast<char>(0xC0 | (code >> 6)), static_cast<char>(0x80 | (code & 0x3F))};
}

inline constexpr TokenId kTinyStart = 256;
inline constexpr TokenId kTinyEnd = 257;

inline GgufVocab TinyVocab() {
  GgufVocab vocab;
  vocab.model = "gpt2";
  vocab.pre = "smollm";
  for (int byte = 0; byte < 256; ++byte) vocab.tokens.push_back(ByteName(byte));
  vocab.token_types.assign(256, static_cast<int32_t>(GgufTokenType::kNormal));
  for (const char* special : {"<|im_start|>", "<|im_end|>"}) {
    vocab.tokens.emplace_back(special);
    vocab.token_types.push_back(static_cast<int32_t>(GgufTokenType::kControl));
  }
  auto merge = [&](const std::string& left, const std::string& right) {
    vocab.merges.push_back(left + " " + right);
    vocab.tokens.push_back(left + right);
    vocab.token_types.push_back(static_cast<int32_t>(GgufTokenType::kNormal));
  };
  merge("h", "e");
  merge("l", "l");
  merge("he", "ll");
  merge("hell", "o");
  merge("o", "r");
  merge("1", "2");
  // An emoji's first two bytes as one token, so that characters and tokens overlap.
  merge(ByteName(0xF0), ByteName(0x9F));
  vocab.bos_id = kTinyStart;
  vocab.eos_id = kTinyEnd;
  return vocab;
}

inline std::shared_ptr<const Tokenizer> TinyTokenizer() {
  auto tokenizer = Tokenizer::FromGgufVocab(TinyVocab());
  if (!tokenizer) std::fprintf(stderr, "%s\n", tokenizer.error().message.c_str());
  CHECK(tokenizer.has_value());
  return *tokenizer;
}

}  // namespace troupe::text
