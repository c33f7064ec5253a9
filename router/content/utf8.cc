#include "router/content/utf8.h"

#include <cstdint>

namespace troupe::content {

char32_t NextCharacter(std::string_view text, size_t& at) {
  if (at >= text.size()) return kBadUtf8;
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[at + i]); };
  const uint8_t first = byte(0);
  if (first < 0x80) {
    ++at;
    return first;
  }
  const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + length > text.size()) return kBadUtf8;
  char32_t character = first & (0x7f >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return kBadUtf8;
    character = character << 6 | (byte(i) & 0x3f);
  }
  const bool overlong = (length == 3 && character < 0x800) || (length == 4 && character < 0x10000);
  const bool surrogate = character >= 0xd800 && character <= 0xdfff;
  if (overlong || surrogate || character > 0x10ffff) return kBadUtf8;
  at += length;
  return character;
}

size_t CountCharacters(std::string_view text) {
  size_t count = 0;
  for (const char c : text) count += (static_cast<uint8_t>(c) & 0xc0) != 0x80 ? 1 : 0;
  return count;
}

bool IsControl(char32_t c) { return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029; }

bool IsBidiControl(char32_t c) {
  return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

bool IsInvisible(char32_t c) {
  const bool nonbreaking = c == 0x200b || c == 0x2060 || c == 0xfeff || c == 0x00ad || c == 0x034f || c == 0x180e;
  const bool format = (c >= 0x2061 && c <= 0x2065) || (c >= 0x206a && c <= 0x206f) || (c >= 0xfff9 && c <= 0xfffb);
  const bool tag = c >= 0xe0000 && c <= 0xe0fff;
  const bool nothing = (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef);
  return nonbreaking || format || tag || nothing;
}

}  // namespace troupe::content
