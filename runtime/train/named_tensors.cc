#include "runtime/train/named_tensors.h"

#include <ATen/core/TensorBody.h>

#include <algorithm>
#include <cstring>

namespace troupe::train {

model::TensorOut ToFile(std::string name, const at::Tensor& tensor) {
  const at::Tensor whole = tensor.detach().contiguous();
  const std::span<const float> values(whole.const_data_ptr<float>(), static_cast<size_t>(whole.numel()));
  return model::TensorOut::Of(std::move(name), model::Format::kF32, whole.sizes().vec(), values);
}

Status FromFile(const model::Safetensors& file, const std::string& name, at::Tensor tensor) {
  const model::TensorView* view = file.Find(name);
  if (view == nullptr || view->format != model::Format::kF32 || !tensor.is_contiguous() ||
      !std::equal(view->shape.begin(), view->shape.end(), tensor.sizes().begin(), tensor.sizes().end())) {
    return Invalid(file.path().string() + ": tensor \"" + name + "\" is not there as this run has it");
  }
  std::memcpy(tensor.mutable_data_ptr(), view->bytes.data(), view->bytes.size());
  return {};
}

}  // namespace troupe::train
