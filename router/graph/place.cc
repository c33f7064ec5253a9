#include <algorithm>

#include "router/graph/context.h"

namespace troupe::graph {
namespace {

// Line `line` (from 1) of `text`, without its end.
std::string_view LineOf(std::string_view text, int line) {
  for (int i = 1; i < line; ++i) {
    size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

}  // namespace

Position PlaceInside(const ParseContext& context, const Position& start, std::string_view text, int line, int column) {
  if (line < 1) return start;
  column = std::max(column, 1);
  if (start.file != context.file_name) return {start.file, line, column};
  std::string_view raw = LineOf(context.yaml, start.line);
  if (start.column < 1 || static_cast<size_t>(start.column) > raw.size()) return start;
  raw.remove_prefix(start.column - 1);
  std::string_view wanted = LineOf(text, line);
  if (raw[0] == '|' || raw[0] == '>') {
    // a folded block joins lines, so only what is found again is trusted
    std::string_view there = LineOf(context.yaml, start.line + line);
    size_t indent = there.find(wanted);
    if (wanted.empty() || indent == std::string_view::npos) return start;
    return {start.file, start.line + line, static_cast<int>(indent) + column};
  }
  int quote = raw[0] == '"' || raw[0] == '\'' ? 1 : 0;
  raw.remove_prefix(quote);
  // escapes and line breaks shift what follows them
  if (line != 1 || raw.substr(0, column) != wanted.substr(0, column)) return start;
  return {start.file, start.line, start.column + quote + column - 1};
}

Position PlaceInside(const ParseContext& context, const Position& start, std::string_view text, size_t offset) {
  if (offset > text.size()) return start;
  std::string_view before = text.substr(0, offset);
  size_t line_start = before.rfind('\n');
  int line = 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  int column = static_cast<int>(offset - (line_start == std::string_view::npos ? 0 : line_start + 1)) + 1;
  return PlaceInside(context, start, text, line, column);
}

}  // namespace troupe::graph
