#include "router/cli/table.h"

#include <algorithm>

#include "router/cli/text_width.h"

namespace troupe::cli {

std::vector<std::string> Table::Render(int width) const {
  const size_t columns = rows_.front().size();
  std::vector<int> widths(columns, 0);
  std::vector<std::vector<std::string>> cells;
  for (const auto& row : rows_) {
    cells.emplace_back(columns);
    for (size_t i = 0; i < std::min(columns, row.size()); ++i) {
      cells.back()[i] = Neutralise(row[i], Newlines::kFlatten);
      widths[i] = std::max(widths[i], DisplayWidth(cells.back()[i]));
    }
  }
  std::vector<std::string> lines;
  for (const auto& row : cells) {
    std::string line;
    for (size_t i = 0; i < columns; ++i) {
      line += i + 1 == columns ? row[i] : PadRight(row[i], widths[i]) + "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(width > 0 ? Clip(line, width) : line);
  }
  return lines;
}

}  // namespace troupe::cli
