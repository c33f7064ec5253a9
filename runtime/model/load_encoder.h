// From weights to the encoder that runs them best where they are to run.
#pragma once

#include <c10/core/Device.h>

#include <memory>

#include "runtime/base/error.h"
#include "runtime/model/encoder.h"
#include "runtime/model/weight_format.h"
#include "runtime/model/weights.h"

namespace troupe::model {

struct EncoderOptions {
  c10::Device device = c10::kCPU;
  WeightFormat weights = WeightFormat::kF32;
  int threads = 1;  // on the CPU
};

// How an encoder's weights are best kept where nobody has said how: in what this CPU is quickest with and vectors stay
// within a cosine of 0.999 of float32's. That is bfloat16 with AMX, 8 bits with AVX-512, float32 elsewhere.
WeightFormat BestEncoderFormat(c10::Device device);

// On the CPU with kernels of our own, unless this CPU has none for float formats: then on ATen, as on a GPU. Errors:
// AtenEncoder::Load's; UNIMPLEMENTED for grids on a GPU.
Result<std::unique_ptr<Encoder>> LoadEncoder(const ModelConfig& config, const WeightSource& weights,
                                             const EncoderOptions& options);

}  // namespace troupe::model
