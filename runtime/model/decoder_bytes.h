// What a decoder will take of memory, from its configuration alone: asked before anything is loaded. Pure, no torch.
#pragma once

#include <cstdint>

#include "runtime/model/config.h"
#include "runtime/model/weight_format.h"

namespace troupe::model {

struct DecoderBytes {
  int64_t weights = 0;
  int64_t page = 0;  // of keys and values (Decoder::page_bytes)
};
DecoderBytes BytesOf(const ModelConfig& config, WeightFormat weights);

}  // namespace troupe::model
