#include "router/cache/guard_characters.h"

#include "runtime/base/utf8.h"

namespace troupe::cache {
namespace {

std::string Utf8(char32_t point) {
  std::string text;
  AppendUtf8(point, text);
  return text;
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

}  // namespace

Result<Character> TakeCharacter(std::string_view& rest) {
  size_t bytes = 0;
  const char32_t decoded = NextCodePoint(rest, bytes);
  if (decoded == kBadUtf8) return Invalid("the text is not UTF-8");
  rest.remove_prefix(bytes);
  const char32_t point = Plain(decoded);
  if (point == ' ') return Character{CharacterKind::kBlank, " "};
  if ((point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z') || IsAccented(point)) return Letter(point);
  if (point >= '0' && point <= '9') return Character{CharacterKind::kDigit, Utf8(point)};
  if (IsCurrencySign(point)) return Character{CharacterKind::kSign, Utf8(point)};
  if (point > ' ' && point < 0x7F) return Character{CharacterKind::kMark, Utf8(point)};
  return Invalid("the text has " + CodePointName(decoded) + ", which the guard cannot judge");
}

}  // namespace troupe::cache
