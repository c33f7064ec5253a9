// Matrices on grids (runtime/kernels/grid.h) in safetensors. The matrix NAME [rows, columns] is kept as
//   NAME.codes    U8 [rows, columns], or with 4 bits [rows, columns / 2]: byte i of a row has column 2i in its low half
//                 and column 2i + 1 in its high half
//   NAME.scales   F16 [rows, columns / group]
//   NAME.offsets  F16, the same shape; missing where the grid is symmetric
// so bits and group follow from the shapes. A value is scale * code + offset; symmetric, scale * (code - 2^(bits-1)).
#pragma once

#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/kernels/grid.h"
#include "runtime/model/safetensors_writer.h"
#include "runtime/model/tensor_view.h"

namespace troupe::model {

constexpr std::string_view kCodesSuffix = ".codes";
constexpr std::string_view kScalesSuffix = ".scales";
constexpr std::string_view kOffsetsSuffix = ".offsets";

// The tensors that keep `grid`, which is right (CheckGrid) and has an even number of columns.
std::vector<TensorOut> PackGrid(std::string_view name, const kernels::Grid& grid);

// The grid [rows, columns] in these tensors; `offsets` may be nullptr. Nothing is lost in PackGrid and back. Errors:
// INVALID_ARGUMENT for formats or shapes that do not fit together, scales that are no finite numbers.
Result<kernels::Grid> UnpackGrid(const TensorView& codes, const TensorView& scales, const TensorView* offsets,
                                 int64_t rows, int64_t columns);

}  // namespace troupe::model
