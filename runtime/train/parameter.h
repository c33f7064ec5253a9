// A tensor that training changes, by the name that its model's files give it.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace troupe::train {

struct Parameter {
  std::string name;  // "encoder.layer.0.output.dense.weight"
  at::Tensor value;
  // Norms and biases are not drawn towards zero.
  bool decays = false;
};

}  // namespace troupe::train
