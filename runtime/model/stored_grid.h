// Grids as GGUF keeps them (ggml-org/ggml, src/ggml-common.h), taken over bit by bit.
#pragma once

#include <optional>

#include "runtime/kernels/grid.h"
#include "runtime/model/tensor_view.h"

namespace troupe::model {

// Of a [rows, columns] tensor in Q4_0, Q4_1 or Q8_0: groups of 32, codes and scales as they stand. Nothing for another
// format.
std::optional<kernels::Grid> StoredGrid(const TensorView& view);

}  // namespace troupe::model
