// Rows under headings, columns as wide as their content, the last one cut to fit the terminal. Pure; cells are
// neutralised.
#pragma once

#include <string>
#include <vector>

namespace troupe::cli {

class Table {
 public:
  explicit Table(std::vector<std::string> headings) { rows_.push_back(std::move(headings)); }
  // Missing cells are empty.
  void Add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  // Lines no wider than `width` columns; 0 means no limit.
  std::vector<std::string> Render(int width) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace troupe::cli
