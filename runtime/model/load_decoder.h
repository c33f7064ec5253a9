// From weights to the decoder that runs them best where they are to run.
#pragma once

#include <memory>

#include "runtime/base/error.h"
#include "runtime/model/decoder.h"
#include "runtime/model/linear.h"
#include "runtime/model/weights.h"

namespace troupe::model {

struct DecoderOptions {
  Placement placement;
};

// Errors: NOT_FOUND for a missing weight, INVALID_ARGUMENT for one of the wrong shape, UNIMPLEMENTED for a weight that
// a model of this configuration does not have and for a model that does not generate, RESOURCE_EXHAUSTED for memory.
Result<std::unique_ptr<Decoder>> LoadDecoder(const ModelConfig& config, const WeightSource& weights,
                                             const DecoderOptions& options);

}  // namespace troupe::model
