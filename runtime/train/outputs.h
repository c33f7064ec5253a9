// What an encoder makes of many texts, as it is served: without dropout and gradients.
#pragma once

#include <ATen/core/Tensor.h>

#include "runtime/base/error.h"
#include "runtime/train/encoded_texts.h"
#include "runtime/train/whole_encoder.h"

namespace troupe::train {

// A row for each text, in the texts' order.
struct Outputs {
  at::Tensor pooled;  // what the head sees, [texts, hidden]
  at::Tensor logits;  // [texts, labels]
};

// At least one text. Errors: RESOURCE_EXHAUSTED for memory, INTERNAL for what else torch throws.
Result<Outputs> ComputeOutputs(const WholeEncoder& encoder, const EncodedTexts& texts);

}  // namespace troupe::train
