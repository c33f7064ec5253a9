#include "runtime/model/source_checks.h"

#include <ATen/core/TensorBody.h>

#include <algorithm>

#include "runtime/model/dequantize.h"

namespace troupe::model {

std::string ShapeText(std::span<const int64_t> shape) {
  std::string text = "[";
  for (int64_t size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

Error MissingTensor(std::string_view name, const std::string& where) {
  return NotFound(where + ": there is no tensor \"" + std::string(name) + "\", which the model needs");
}

Status CheckShape(const TensorView& view, std::span<const int64_t> shape, const std::string& where) {
  if (std::equal(view.shape.begin(), view.shape.end(), shape.begin(), shape.end())) return {};
  return Invalid(where + ": tensor \"" + view.name + "\" has the shape " + ShapeText(view.shape) +
                 ", the configuration asks for " + ShapeText(shape));
}

Result<at::Tensor> LoadChecked(const TensorView& view, std::span<const int64_t> shape, const std::string& where) {
  TRY(CheckShape(view, shape, where));
  auto tensor = ToFloatTensor(view);
  if (!tensor) return Error{tensor.error().code, where + ": " + tensor.error().message};
  return tensor;
}

}  // namespace troupe::model
