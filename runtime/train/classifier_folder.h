// A trained classifier as a folder that `kind: classify` loads by its path: BertForSequenceClassification in Hugging
// Face's names, with the tokeniser of the model that training began with.
#pragma once

#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/value.h"
#include "runtime/model/config.h"
#include "runtime/model/safetensors_writer.h"
#include "runtime/train/checkpoint.h"
#include "runtime/train/whole_encoder.h"

namespace troupe::train {

// The fields of config.json that say what the classifier is.
Value ClassifierConfig(const model::ModelConfig& config);

// `weights` by the names of `encoder`'s parameters, each once (CHECK), as the folder's tensors.
std::vector<model::TensorOut> ClassifierTensors(const WholeEncoder& encoder, const BestWeights& weights);

// Over `encoder`'s parameters, which have these names and sizes, each once (CHECK).
void TakeWeights(const BestWeights& weights, WholeEncoder& encoder);

}  // namespace troupe::train
