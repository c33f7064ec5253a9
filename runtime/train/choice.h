// Whom a teacher with little time is asked about: texts of which a student is unsure, and not the same one in many
// words. Pure.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <span>
#include <vector>

#include "runtime/train/calibration.h"

namespace troupe::train {

// `count` of the texts, all where there are fewer, in the order in which they are worth asking about: the least sure
// one, then each time the one whose doubt (1 - confidence) times its distance to the nearest one that was chosen (1 -
// cosine) is greatest: farthest-first traversal (Sener and Savarese, 2018, arXiv:1708.00489) weighted by doubt. Where
// all are equal the first. `seen` [texts, width]: what tells the texts apart, one a row, of any length but 0.
std::vector<size_t> ChooseToAsk(std::span<const SureAnswer> answers, const at::Tensor& seen, size_t count);

}  // namespace troupe::train
