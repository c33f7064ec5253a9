// Which of a teacher's layers a student begins with, where layers spread evenly over it are worth little: the one that
// is missed least is left out, again and again (Peer et al., 2021, arXiv:2105.14839). What is missed is told by
// answers, so the choice fits the job.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/train/answer_batch.h"
#include "runtime/train/whole_decoder.h"

namespace troupe::train {

// `count` of the decoder's layers, in order: those left when layers are left out one by one, each time the one without
// which the cross-entropy of `texts` (all at once, so a handful) is least. The watch is called after each with the
// share done. Errors: the watch's; RESOURCE_EXHAUSTED for memory, INTERNAL for what else torch throws.
Result<std::vector<int64_t>> LeastMissedLayers(const WholeDecoder& decoder, std::span<const PromptAnswer> texts,
                                               int64_t count, const std::function<Status(double)>& watch);

}  // namespace troupe::train
