#include "runtime/model/load_decoder.h"

#include "runtime/kernels/isa.h"
#include "runtime/model/aten_decoder.h"
#include "runtime/model/graph_decoder.h"
#include "runtime/model/open_graph_runner.h"

namespace troupe::model {
WeightFormat BestFormat(const WeightSource& weights, c10::Device device) {
  if (device.type() != c10::kCPU) return WeightFormat::kBf16;
  if (kernels::BestIsa() == kernels::Isa::kPortable) return WeightFormat::kF32;
  return weights.IsQuantized("model.layers.0.mlp.down_proj.weight") ? WeightFormat::kStored : WeightFormat::kBf16;
}

Result<std::unique_ptr<Decoder>> LoadDecoder(const ModelConfig& config, const WeightSource& weights,
                                             const DecoderOptions& options) {
  const bool is_cpu = options.device.type() == c10::kCPU;
  if (is_cpu && (!IsFloat(options.weights) || kernels::BestIsa() != kernels::Isa::kPortable)) {
    TRY_ASSIGN(std::unique_ptr<Decoder> decoder,
               CpuDecoder::Load(config, weights,
                                {.weights = options.weights, .threads = options.threads, .bits = options.bits}));
    return decoder;
  }
  TRY_ASSIGN(const c10::ScalarType dtype, FloatType(options.weights));
  TRY_ASSIGN(std::unique_ptr<AtenDecoder> decoder, AtenDecoder::Load(config, weights, {options.device, dtype}));
  if (is_cpu) return decoder;
  const int number = options.device.has_index() ? options.device.index() : 0;
  return std::make_unique<GraphDecoder>(std::move(decoder), OpenGraphRunner(GraphLibrary(), number));
}

}  // namespace troupe::model
