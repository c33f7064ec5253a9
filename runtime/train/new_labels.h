// Labels that a classifier has never seen: more rows for its head, so that what it knows already stays as it is.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/train/encoded_texts.h"
#include "runtime/train/whole_encoder.h"

namespace troupe::train {

// `labels` behind those of `encoder`. A row begins as what sets its label's texts apart: the mean of what the head sees
// of them less that of all texts (after imprinted weights: Qi et al., 2018, arXiv:1712.07136), as long as the other
// rows are on average, its score 0 half-way between both means. `texts` have numbers in the longer head's order, and at
// least one text of each new label (CHECK). Errors: ComputeOutputs'.
Status AddLabels(WholeEncoder& encoder, const std::vector<std::string>& labels, const EncodedTexts& texts);

}  // namespace troupe::train
