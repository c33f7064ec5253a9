// Private to runtime/evaluate.
#pragma once

#include <algorithm>
#include <vector>

namespace troupe::evaluate {

// The middle one of at least one value, the upper of two.
inline double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace troupe::evaluate
