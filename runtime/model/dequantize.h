// From a file's number formats to float (ggml-org/ggml, src/ggml-quants.c defines the blocks).
#pragma once

#include <ATen/core/Tensor.h>

#include <span>

#include "runtime/base/error.h"
#include "runtime/model/tensor_view.h"

namespace troupe::model {

// `bytes` holds whole blocks, as many as `out` has values for. Little-endian hosts only. Errors: UNIMPLEMENTED for a
// format that is no number format for weights (I64, BOOL, ...), INVALID_ARGUMENT where sizes do not fit together.
Status Dequantize(Format format, std::span<const std::byte> bytes, std::span<float> out);

// A float32 tensor on the CPU with its own memory, shape as in `view`.
Result<at::Tensor> ToFloatTensor(const TensorView& view);

}  // namespace troupe::model
