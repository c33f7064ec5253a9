#include "router/content/escape.h"

#include <array>
#include <cstdint>

namespace troupe::content {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"text", "html", "url", "json"};

// What a byte becomes; empty where it stays.
using Table = std::array<std::string_view, 256>;

constexpr Table HtmlTable() {
  Table table{};
  table['&'] = "&amp;";
  table['<'] = "&lt;";
  table['>'] = "&gt;";
  table['"'] = "&#34;";
  table['\''] = "&#39;";
  return table;
}

constexpr Table JsonTable() {
  Table table{};
  table['"'] = "\\\"";
  table['\\'] = "\\\\";
  table['\n'] = "\\n";
  table['<'] = "\\u003c";
  table['>'] = "\\u003e";
  table['&'] = "\\u0026";
  return table;
}

constexpr Table kHtmlTable = HtmlTable();
constexpr Table kJsonTable = JsonTable();

// Stretches that stay are copied in one piece.
void AppendByTable(std::string_view value, const Table& table, std::string& out) {
  size_t kept = 0;
  for (size_t i = 0; i < value.size(); ++i) {
    const std::string_view instead = table[static_cast<uint8_t>(value[i])];
    if (instead.empty()) continue;
    out.append(value, kept, i - kept);
    out.append(instead);
    kept = i + 1;
  }
  out.append(value, kept, value.size() - kept);
}

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

void AppendPercentEncoded(std::string_view value, std::string& out) {
  constexpr char kHex[] = "0123456789ABCDEF";
  for (const char c : value) {
    if (IsUnreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<uint8_t>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
}

}  // namespace

std::string_view EscapeName(Escape escape) { return kNames[static_cast<size_t>(escape)]; }

std::optional<Escape> EscapeFromName(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Escape>(i);
  }
  return std::nullopt;
}

void AppendEscaped(std::string_view value, Escape escape, std::string& out) {
  switch (escape) {
    case Escape::kNone:
      out.append(value);
      return;
    case Escape::kHtml:
      AppendByTable(value, kHtmlTable, out);
      return;
    case Escape::kUrlPiece:
      AppendPercentEncoded(value, out);
      return;
    case Escape::kJson:
      AppendByTable(value, kJsonTable, out);
      return;
  }
}

}  // namespace troupe::content
