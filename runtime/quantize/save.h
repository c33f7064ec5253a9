// Grids and all else that a model has, as tensors for a file (runtime/model/packed_grid.h).
#pragma once

#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/config.h"
#include "runtime/model/safetensors_writer.h"
#include "runtime/model/weights.h"
#include "runtime/quantize/quantize.h"

namespace troupe::quantize {

// Every tensor of the model once, in the order of its layers: what has a grid on it, all else in float32 as `weights`
// has it. Errors: WeightSource::Load's.
Result<std::vector<model::TensorOut>> ToTensors(const model::ModelConfig& config, const model::WeightSource& weights,
                                                const Grids& grids);

}  // namespace troupe::quantize
