#include "router/content/character_classes.h"

namespace troupe::content {

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
