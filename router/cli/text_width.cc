#include "router/cli/text_width.h"

#include <locale.h>
#include <wchar.h>

#include <algorithm>
#include <cstdint>

namespace troupe::cli {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr std::string_view kEllipsis = "…";

// Takes the next code point off `text`; U+FFFD and one byte less for anything that is not well-formed UTF-8 (RFC 3629).
char32_t TakeCodePoint(std::string_view& text) {
  const auto byte = [&](size_t index) { return static_cast<uint8_t>(text[index]); };
  const uint8_t first = byte(0);
  size_t length = 1;
  char32_t code = first;
  if (first >= 0x80) {
    length = first >= 0xF0 && first <= 0xF4 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
    if (first > 0xF4 || length == 0 || length > text.size()) {
      text.remove_prefix(1);
      return kReplacement;
    }
    code = first & (0xFF >> (length + 1));
    for (size_t i = 1; i < length; ++i) {
      if ((byte(i) & 0xC0) != 0x80) {
        text.remove_prefix(1);
        return kReplacement;
      }
      code = (code << 6) | (byte(i) & 0x3F);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
      text.remove_prefix(1);
      return kReplacement;
    }
  }
  text.remove_prefix(length);
  return code;
}

void Append(std::string& out, char32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

char32_t Harmless(char32_t code) {
  if (code < 0x20) return 0x2400 + code;
  if (code == 0x7F) return 0x2421;
  const bool c1 = code >= 0x80 && code < 0xA0;
  const bool bidirectional = code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
                             (code >= 0x2066 && code <= 0x2069);
  const bool separator = code == 0x2028 || code == 0x2029;
  const bool tag = code >= 0xE0000 && code <= 0xE007F;
  return c1 || bidirectional || separator || tag || code == 0xFEFF ? kReplacement : code;
}

// glibc's own table, whatever locale the user runs in.
int Columns(char32_t code) {
  if (code < 0x7F) return code < 0x20 ? 0 : 1;
  static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (utf8 == nullptr) return 1;
  const locale_t before = uselocale(utf8);
  const int width = wcwidth(static_cast<wchar_t>(code));
  uselocale(before);
  return width < 0 ? 0 : width;
}

std::string Repeat(int count) { return std::string(static_cast<size_t>(std::max(count, 0)), ' '); }

}  // namespace

std::string Neutralise(std::string_view text, Newlines newlines) {
  std::string out;
  out.reserve(text.size());
  bool blank = false;
  while (!text.empty()) {
    const char32_t code = TakeCodePoint(text);
    const bool is_blank = code == ' ' || code == '\t' || code == '\n' || code == '\r';
    if (newlines == Newlines::kFlatten && is_blank) {
      blank = !out.empty();
      continue;
    }
    if (blank) out += ' ';
    blank = false;
    if (code == '\n') {
      out += '\n';
    } else if (code == '\t') {
      out += "    ";
    } else if (code != '\r' || text.empty() || text.front() != '\n') {
      Append(out, Harmless(code));
    }
  }
  return out;
}

int DisplayWidth(std::string_view text) {
  int width = 0;
  while (!text.empty()) width += Columns(TakeCodePoint(text));
  return width;
}

std::string Clip(std::string_view text, int columns) {
  if (columns <= 0) return "";
  if (DisplayWidth(text) <= columns) return std::string(text);
  std::string out;
  int width = 0;
  while (!text.empty()) {
    const char32_t code = TakeCodePoint(text);
    width += Columns(code);
    if (width > columns - 1) break;
    Append(out, code);
  }
  return out + std::string(kEllipsis);
}

std::string ClipStart(std::string_view text, int columns) {
  if (columns <= 0) return "";
  int width = DisplayWidth(text);
  if (width <= columns) return std::string(text);
  // combining marks that follow a dropped character go with it
  while (!text.empty() && width > columns - 1) width -= Columns(TakeCodePoint(text));
  for (std::string_view rest = text; !rest.empty() && Columns(TakeCodePoint(rest)) == 0;) text = rest;
  return std::string(kEllipsis) + std::string(text);
}

std::string PadRight(std::string_view text, int columns) {
  std::string out = Clip(text, columns);
  return out + Repeat(columns - DisplayWidth(out));
}

std::string PadLeft(std::string_view text, int columns) {
  const std::string out = Clip(text, columns);
  return Repeat(columns - DisplayWidth(out)) + out;
}

std::vector<std::string> Wrap(std::string_view text, int columns) {
  columns = std::max(columns, 1);
  std::vector<std::string> lines(1);
  int width = 0;
  while (!text.empty()) {
    if (text.front() == '\n') {
      text.remove_prefix(1);
      lines.emplace_back();
      width = 0;
      continue;
    }
    const bool blanks = text.front() == ' ';
    const size_t end = blanks ? text.find_first_not_of(' ') : text.find_first_of(" \n");
    std::string_view word = text.substr(0, end);
    text.remove_prefix(word.size());
    const int word_width = DisplayWidth(word);
    const bool at_start = lines.back().empty();
    if (width + word_width <= columns) {
      lines.back() += word;
      width += word_width;
      continue;
    }
    if (!at_start) {
      lines.back().erase(lines.back().find_last_not_of(' ') + 1);
      lines.emplace_back();
      width = 0;
    }
    if (blanks) continue;
    while (!word.empty()) {
      const char32_t code = TakeCodePoint(word);
      if (width + Columns(code) > columns) {
        lines.emplace_back();
        width = 0;
      }
      Append(lines.back(), code);
      width += Columns(code);
    }
  }
  return lines;
}

}  // namespace troupe::cli
