// From weights to the decoder that runs them best where they are to run.
#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "runtime/base/error.h"
#include "runtime/model/cpu_decoder.h"
#include "runtime/model/decoder.h"
#include "runtime/model/decoder_bytes.h"
#include "runtime/model/weights.h"

namespace troupe::model {

struct DecoderOptions {
  c10::Device device = c10::kCPU;
  WeightFormat weights = WeightFormat::kF32;
  int threads = 1;              // on the CPU
  Bits bits = Bits::kQuickest;  // on the CPU with kernels of our own
};

// How the file's weights are best kept where nobody has said how: on the file's own grid or in bfloat16 where there are
// kernels for them, in float32 on other CPUs.
WeightFormat BestFormat(const WeightSource& weights, c10::Device device);

// On the CPU with kernels of our own, unless this CPU has none for float formats: then on ATen, as on a GPU, where
// decode steps are recorded and run again as CUDA graphs if libtroupe_cuda.so is there. The decoder's compute() says
// whether. Errors: NOT_FOUND for a missing weight, INVALID_ARGUMENT for one of the wrong shape, UNIMPLEMENTED for a
// weight that a model of this configuration does not have, for a model that does not generate, and for grids on a GPU,
// RESOURCE_EXHAUSTED for memory.
Result<std::unique_ptr<Decoder>> LoadDecoder(const ModelConfig& config, const WeightSource& weights,
                                             const DecoderOptions& options);

}  // namespace troupe::model
