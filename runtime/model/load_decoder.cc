#include "runtime/model/load_decoder.h"

#include "runtime/model/aten_decoder.h"

namespace troupe::model {

Result<std::unique_ptr<Decoder>> LoadDecoder(const ModelConfig& config, const WeightSource& weights,
                                             const DecoderOptions& options) {
  TRY_ASSIGN(std::unique_ptr<Decoder> decoder, AtenDecoder::Load(config, weights, options.placement));
  return decoder;
}

}  // namespace troupe::model
