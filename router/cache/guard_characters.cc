#include "router/cache/guard_characters.h"

#include <cstdio>

namespace troupe::cache {
namespace {

// The code point at the front and its bytes; nothing where it is no well-formed UTF-8 (RFC 3629).
std::optional<char32_t> Decode(std::string_view& rest) {
  const auto lead = static_cast<uint8_t>(rest[0]);
  const int more = lead < 0x80 ? 0 : lead >= 0xC2 && lead < 0xE0 ? 1 : lead >= 0xE0 && lead < 0xF0 ? 2 : 3;
  if ((lead >= 0x80 && lead < 0xC2) || lead > 0xF4 || rest.size() <= static_cast<size_t>(more)) return std::nullopt;
  char32_t point = more == 0 ? lead : lead & (0x3F >> more);
  for (int i = 1; i <= more; ++i) {
    const auto next = static_cast<uint8_t>(rest[static_cast<size_t>(i)]);
    if ((next & 0xC0) != 0x80) return std::nullopt;
    point = point << 6 | (next & 0x3F);
  }
  const bool overlong = (more == 2 && point < 0x800) || (more == 3 && point < 0x10000);
  if (overlong || (point >= 0xD800 && point < 0xE000) || point > 0x10FFFF) return std::nullopt;
  rest.remove_prefix(static_cast<size_t>(more) + 1);
  return point;
}

std::string Utf8(char32_t point) {
  if (point < 0x80) return {static_cast<char>(point)};
  if (point < 0x800) return {static_cast<char>(0xC0 | point >> 6), static_cast<char>(0x80 | (point & 0x3F))};
  return {static_cast<char>(0xE0 | point >> 12), static_cast<char>(0x80 | (point >> 6 & 0x3F)),
          static_cast<char>(0x80 | (point & 0x3F))};
}

// Typographic marks as keyboards have them; others stay.
char32_t Plain(char32_t point) {
  switch (point) {
    case 0x2018:
    case 0x2019:
    case 0x02BC:
    case 0x00B4:
    case '`':
      return '\'';
    case 0x201C:
    case 0x201D:
    case 0x201E:
    case 0x00AB:
    case 0x00BB:
      return '"';
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
      return '-';
    case 0x2026:
      return '.';
    case 0x00A0:
    case 0x202F:
    case '\t':
    case '\n':
    case '\r':
      return ' ';
    default:
      return point;
  }
}

bool IsCurrencySign(char32_t point) {
  return point == '$' || point == '%' || (point >= 0xA2 && point <= 0xA5) || (point >= 0x20A0 && point <= 0x20C0);
}

// Latin-1 and Latin Extended-A: the letters of Western and Central European names.
bool IsAccented(char32_t point) { return point >= 0xC0 && point <= 0x17F && point != 0xD7 && point != 0xF7; }

Character Letter(char32_t point) {
  char32_t small = point;
  if (point >= 'A' && point <= 'Z') small = point + 0x20;
  if (point >= 0xC0 && point <= 0xDE) small = point + 0x20;
  // pairs of capital and small: even and odd, in two stretches odd and even
  const bool odd_capitals = (point >= 0x139 && point <= 0x148) || (point >= 0x179 && point <= 0x17E);
  if (point >= 0x100 && point <= 0x17E && point != 0x138 && point != 0x149 && point != 0x178) {
    if ((point % 2 == 1) == odd_capitals) small = point + 1;
  }
  if (point == 0x178) small = 0xFF;
  return {CharacterKind::kLetter, Utf8(small), small != point};
}

std::string Name(char32_t point) {
  char name[16];
  std::snprintf(name, sizeof(name), "U+%04X", static_cast<unsigned>(point));
  return name;
}

}  // namespace

Result<Character> TakeCharacter(std::string_view& rest) {
  const auto decoded = Decode(rest);
  if (!decoded) return Invalid("the text is not UTF-8");
  const char32_t point = Plain(*decoded);
  if (point == ' ') return Character{CharacterKind::kBlank, " "};
  if ((point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z') || IsAccented(point)) return Letter(point);
  if (point >= '0' && point <= '9') return Character{CharacterKind::kDigit, Utf8(point)};
  if (IsCurrencySign(point)) return Character{CharacterKind::kSign, Utf8(point)};
  if (point > ' ' && point < 0x7F) return Character{CharacterKind::kMark, Utf8(point)};
  return Invalid("the text has " + Name(*decoded) + ", which the guard cannot judge");
}

}  // namespace troupe::cache
