// Private to runtime/train: float32 tensors to and from safetensors files, by name.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "runtime/base/error.h"
#include "runtime/model/safetensors.h"
#include "runtime/model/safetensors_writer.h"

namespace troupe::train {

model::TensorOut ToFile(std::string name, const at::Tensor& tensor);
// Over what `tensor` holds, in place. Errors: INVALID_ARGUMENT for one that the file has not, or in another shape.
Status FromFile(const model::Safetensors& file, const std::string& name, at::Tensor tensor);

}  // namespace troupe::train
