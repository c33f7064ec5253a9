// Private to runtime/quantize: GPTQ over a whole decoder. Each projection of each layer is quantised on the inputs that
// it gets once everything before it is quantised, so later layers make up for earlier ones. Texts are run in bfloat16:
// what inputs are like does not need more, and CPUs are several times as fast.
#pragma once

#include <span>

#include "runtime/quantize/quantize.h"
#include "runtime/train/whole_decoder.h"

namespace troupe::quantize {

// `decoder`'s weights have their grids' values afterwards, in bfloat16.
Result<Grids> Calibrate(train::WholeDecoder& decoder, const Options& options, std::span<const train::Window> windows,
                        const Progress& progress);

}  // namespace troupe::quantize
