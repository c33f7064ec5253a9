#include "runtime/text/stream_decoder.h"

#include <utility>

namespace troupe::text {
namespace {

constexpr std::string_view kReplacement = "\uFFFD";

struct Step {
  enum Kind : uint8_t { kWhole, kUnfinished, kBroken } kind;
  size_t bytes;  // how many to take
};

// The character at the front of `text` (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF). Of broken
// bytes it takes the longest piece that could have begun a character, as Unicode recommends for replacement.
Step Next(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  uint8_t first = byte(0);
  if (first < 0x80) return {Step::kWhole, 1};
  if (first < 0xC2 || first > 0xF4) return {Step::kBroken, 1};
  size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  for (size_t i = 1; i < length; ++i) {
    if (i == text.size()) return {Step::kUnfinished, i};
    uint8_t low = 0x80, high = 0xBF;
    if (i == 1) {
      if (first == 0xE0) low = 0xA0;
      if (first == 0xED) high = 0x9F;
      if (first == 0xF0) low = 0x90;
      if (first == 0xF4) high = 0x8F;
    }
    if (byte(i) < low || byte(i) > high) return {Step::kBroken, i};
  }
  return {Step::kWhole, length};
}

}  // namespace

StreamDecoder::StreamDecoder(std::shared_ptr<const Tokenizer> tokenizer) : tokenizer_(std::move(tokenizer)) {}

std::string StreamDecoder::Push(TokenId id) {
  std::string_view piece = tokenizer_->TokenBytes(id);
  if (piece.empty()) return {};
  // SentencePiece and WordPiece put a blank before the first word that the text does not have.
  if (first_ && tokenizer_->strips_first_blank() && piece.front() == ' ') piece.remove_prefix(1);
  first_ = false;
  pending_ += piece;
  std::string out;
  std::string_view rest = pending_;
  while (!rest.empty()) {
    Step step = Next(rest);
    if (step.kind == Step::kUnfinished) break;
    out += step.kind == Step::kWhole ? rest.substr(0, step.bytes) : kReplacement;
    rest.remove_prefix(step.bytes);
  }
  pending_.erase(0, pending_.size() - rest.size());
  return out;
}

std::string StreamDecoder::Flush() {
  first_ = true;
  if (pending_.empty()) return {};
  pending_.clear();
  return std::string(kReplacement);
}

}  // namespace troupe::text
