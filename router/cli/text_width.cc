#include "router/cli/text_width.h"

#include <locale.h>
#include <wchar.h>

#include <algorithm>

#include "runtime/base/utf8.h"

namespace troupe::cli {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr std::string_view kEllipsis = "…";

// Takes the next code point off `text`; U+FFFD and one byte less for anything that is not well-formed UTF-8.
char32_t TakeCodePoint(std::string_view& text) {
  size_t bytes = 0;
  const char32_t code = NextCodePoint(text, bytes);
  text.remove_prefix(std::max<size_t>(bytes, 1));
  return code == kBadUtf8 ? kReplacement : code;
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
      AppendUtf8(Harmless(code), out);
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
    AppendUtf8(code, out);
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
      AppendUtf8(code, lines.back());
      width += Columns(code);
    }
  }
  return lines;
}

}  // namespace troupe::cli
