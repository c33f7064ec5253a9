// GPTQ (Frantar et al., 2022, arXiv:2210.17323): a layer's weights are rounded column by column, and what each rounding
// did to the layer's output on real inputs is made up for in the columns that are still to come.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "runtime/base/error.h"
#include "runtime/kernels/grid.h"

namespace troupe::quantize {

enum class ColumnOrder : uint8_t {
  kAsTheyStand,
  // Those with the largest inputs first, while there are others to make up for them ("act order"); whole groups are put
  // in order, and columns within them, so that each group keeps one scale.
  kLargestFirst,
};

struct GptqOptions {
  int bits = 4;
  int64_t group = 64;     // divides the columns
  double damping = 0.01;  // of the hessian's mean diagonal, added to its diagonal
  ColumnOrder order = ColumnOrder::kLargestFirst;
};

// weight [rows, columns], float32; hessian [columns, columns], float32: the sum over inputs x of x xᵀ, times anything.
// Symmetric grids; each group's scale is fitted (fit_scale.h) to the weights as they are once its turn comes. Errors:
// INVALID_ARGUMENT where the hessian is not of that kind (not finite, not positive even with a hundred times the
// damping).
Result<kernels::Grid> Gptq(const at::Tensor& weight, const at::Tensor& hessian, const GptqOptions& options);

// Rounded to the nearest on symmetric grids whose scales are fitted, without a look at inputs.
kernels::Grid RoundFitted(const at::Tensor& weight, int bits, int64_t group);

// What GPTQ makes small: the sum over inputs of ||(W - Q) x||².
double OutputError(const at::Tensor& weight, const kernels::Grid& grid, const at::Tensor& hessian);

// The grid's values, [rows, columns].
at::Tensor ToTensor(const kernels::Grid& grid);

}  // namespace troupe::quantize
