// Comma-separated values as RFC 4180 writes them: labelled examples, test sets.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"

namespace troupe {

struct CsvTable {
  std::vector<std::string> header;
  // Each as long as the header.
  std::vector<std::vector<std::string>> rows;
  // The line of the file that each row begins on, from 1.
  std::vector<int> lines;

  // The index of the first column whose name is in `names`, in their order; or INVALID_ARGUMENT naming what there is.
  Result<size_t> Column(const std::vector<std::string>& names) const;
};

// The first line names the columns. Errors: INVALID_ARGUMENT with the line, for an open quote or a row of another
// length.
Result<CsvTable> ParseCsv(std::string_view text);

}  // namespace troupe
