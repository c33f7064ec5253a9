// How well a classifier does on texts with labels, as it is served: without dropout.
#pragma once

#include "runtime/base/error.h"
#include "runtime/train/encoded_texts.h"
#include "runtime/train/training_log.h"
#include "runtime/train/whole_encoder.h"

namespace troupe::train {

// `texts` has at least one, each with a label. Errors: RESOURCE_EXHAUSTED for memory, INTERNAL for what else torch
// throws.
Result<Grade> Measure(const WholeEncoder& encoder, const EncodedTexts& texts);

}  // namespace troupe::train
