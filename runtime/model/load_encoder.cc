#include "runtime/model/load_encoder.h"

#include "runtime/kernels/isa.h"
#include "runtime/model/aten_encoder.h"
#include "runtime/model/cpu_encoder.h"

namespace troupe::model {

WeightFormat BestEncoderFormat(c10::Device device) {
  if (device.type() != c10::kCPU) return WeightFormat::kF32;
  switch (kernels::BestIsa()) {
    case kernels::Isa::kAmx:
      return WeightFormat::kBf16;
    case kernels::Isa::kAvx512:
      return WeightFormat::kInt8;
    case kernels::Isa::kPortable:
      break;
  }
  return WeightFormat::kF32;
}

Result<std::unique_ptr<Encoder>> LoadEncoder(const ModelConfig& config, const WeightSource& weights,
                                             const EncoderOptions& options) {
  const bool is_cpu = options.device.type() == c10::kCPU;
  if (is_cpu && (!IsFloat(options.weights) || kernels::BestIsa() != kernels::Isa::kPortable)) {
    TRY_ASSIGN(std::unique_ptr<Encoder> encoder, CpuEncoder::Load(config, weights, options.weights, options.threads));
    return encoder;
  }
  TRY_ASSIGN(const c10::ScalarType dtype, FloatType(options.weights));
  TRY_ASSIGN(std::unique_ptr<Encoder> encoder, AtenEncoder::Load(config, weights, {options.device, dtype}));
  return encoder;
}

}  // namespace troupe::model
