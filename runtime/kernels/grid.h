// A matrix of weights whose values lie on grids of few steps: what quantisation makes, what files of quantised models
// hold, and what products on a CPU are fast with. Plain data.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::kernels {

// value = scale * code + offset, with a scale (and an offset) for each `group` columns of each row.
struct Grid {
  int64_t rows = 0;               // outputs of the layer
  int64_t columns = 0;            // its inputs
  int bits = 4;                   // of a code, 4 or 8
  int64_t group = 64;             // divides columns
  std::vector<uint8_t> codes;     // [rows, columns], a byte each, below 2^bits
  std::vector<uint16_t> scales;   // [rows, columns / group], binary16
  std::vector<uint16_t> offsets;  // the same; empty where the grid is symmetric: offset = -scale * 2^(bits-1)

  bool symmetric() const { return offsets.empty(); }
  bool operator==(const Grid&) const = default;
};

// INVALID_ARGUMENT where its sizes do not fit together, a code is too large or a scale is no finite number.
Status CheckGrid(const Grid& grid);

// The values, [rows, columns].
std::vector<float> Values(const Grid& grid);

// The nearest codes for `values` [rows, columns] on symmetric grids whose largest step is each group's largest value
// (round to nearest). Columns must be a multiple of group. Source: Jacob et al., 2018 (arXiv:1712.05877).
Grid RoundToGrid(std::span<const float> values, int64_t rows, int64_t columns, int bits, int64_t group);

}  // namespace troupe::kernels
