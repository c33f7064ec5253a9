// A decoder that is being trained, or was, as others load it: by the names and in the form that Hugging Face's folders
// have, with the tokeniser and chat template of the model that training began with.
#pragma once

#include <memory>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/value.h"
#include "runtime/model/config.h"
#include "runtime/model/safetensors_writer.h"
#include "runtime/model/weights.h"
#include "runtime/train/checkpoint.h"
#include "runtime/train/whole_decoder.h"

namespace troupe::train {

// Its weights as they are now, to load it from.
std::shared_ptr<const model::WeightSource> ServedWeights(WholeDecoder& decoder);

// The fields of config.json that are not those of the model that it is a part of.
Value DecoderChanges(const model::ModelConfig& config);

// `weights`, float32 under the names of the decoder's parameters or its adapter's, as a folder's tensors: in bfloat16.
std::vector<model::TensorOut> DecoderTensors(const model::ModelConfig& config, const BestWeights& weights);

}  // namespace troupe::train
