#include "runtime/base/csv.h"

#include <algorithm>
#include <utility>

namespace troupe {
namespace {

// One row from `text` at `at`, which moves behind it; `line` counts the lines passed.
Result<std::vector<std::string>> ReadRow(std::string_view text, size_t& at, int& line) {
  std::vector<std::string> row(1);
  const int first_line = line;
  bool quoted = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\n') ++line;
    if (quoted) {
      if (c != '"') {
        row.back() += c;
      } else if (at + 1 < text.size() && text[at + 1] == '"') {
        row.back() += '"';
        ++at;
      } else {
        quoted = false;
      }
    } else if (c == '"' && row.back().empty()) {
      quoted = true;
    } else if (c == ',') {
      row.emplace_back();
    } else if (c == '\n') {
      ++at;
      return row;
    } else if (c != '\r' || (at + 1 < text.size() && text[at + 1] != '\n')) {
      row.back() += c;
    }
  }
  if (quoted) return Invalid("line " + std::to_string(first_line) + ": a quote is opened and never closed");
  return row;
}

}  // namespace

Result<size_t> CsvTable::Column(const std::vector<std::string>& names) const {
  for (const std::string& name : names) {
    const auto found = std::find(header.begin(), header.end(), name);
    if (found != header.end()) return static_cast<size_t>(found - header.begin());
  }
  std::string columns;
  for (const std::string& column : header) columns += (columns.empty() ? "" : ", ") + column;
  return Invalid("no column \"" + names.front() + "\" among: " + columns);
}

Result<CsvTable> ParseCsv(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  CsvTable table;
  size_t at = 0;
  int line = 1;
  if (text.empty()) return Invalid("the CSV file is empty: its first line must name the columns");
  TRY_ASSIGN(table.header, ReadRow(text, at, line));
  while (at < text.size()) {
    const int first_line = line;
    TRY_ASSIGN(auto row, ReadRow(text, at, line));
    if (row.size() == 1 && row[0].empty()) continue;
    if (row.size() != table.header.size()) {
      return Invalid("line " + std::to_string(first_line) + ": " + std::to_string(row.size()) +
                     " fields, the header has " + std::to_string(table.header.size()) +
                     "; quote fields that hold a comma");
    }
    table.rows.push_back(std::move(row));
    table.lines.push_back(first_line);
  }
  return table;
}

}  // namespace troupe
