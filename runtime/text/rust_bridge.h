// Private to runtime/text: Rust's memory under C++ ownership, and its errors as ours.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/text/rust/troupe_text.h"

namespace troupe::text {

inline const uint8_t* Data(std::string_view text) { return reinterpret_cast<const uint8_t*>(text.data()); }

// Owns what Rust gave out, until the end of the scope.
struct RustBytes : troupe_bytes {
  RustBytes() : troupe_bytes{} {}
  explicit RustBytes(troupe_bytes given) : troupe_bytes(given) {}
  RustBytes(const RustBytes&) = delete;
  RustBytes& operator=(const RustBytes&) = delete;
  ~RustBytes() { troupe_bytes_free(*this); }

  std::string_view view() const { return {reinterpret_cast<const char*>(data), len}; }
};

struct RustWords : troupe_words {
  RustWords() : troupe_words{} {}
  explicit RustWords(troupe_words given) : troupe_words(given) {}
  RustWords(const RustWords&) = delete;
  RustWords& operator=(const RustWords&) = delete;
  ~RustWords() { troupe_words_free(*this); }

  std::span<const uint32_t> view() const { return {data, len}; }
  std::vector<int32_t> ids() const { return {data, data + len}; }
};

// Takes the message over. `about` goes before it.
inline Error TakeError(const troupe_text_error& error, std::string_view about = {}) {
  RustBytes message(error.message);
  return {static_cast<Code>(error.code), std::string(about) + std::string(message.view())};
}

// The lines of a text, without their ends; none for the empty text.
inline std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return lines;
}

}  // namespace troupe::text
