// Encoders of texts: BERT (Devlin et al., 2019) as sentence encoders (Reimers and Gurevych, 2019) and with a
// classification head. Two implementations: AtenEncoder (aten_encoder.h) on whatever device libtorch knows, CpuEncoder
// (cpu_encoder.h) on kernels of our own. One thread at a time.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/config.h"

namespace troupe::model {

enum class Pooling : uint8_t { kMean, kCls };
enum class Normalize : uint8_t { kNo, kYes };

// Token ids of a text each, [CLS] and [SEP] included, each of 1 to max_positions tokens.
using Texts = std::span<const std::vector<int32_t>>;

class Encoder {
 public:
  virtual ~Encoder() = default;

  // To float32 [texts, hidden] on the CPU. Errors: INVALID_ARGUMENT for an id outside the vocabulary, an empty text or
  // none at all, OUT_OF_RANGE for one that is too long, RESOURCE_EXHAUSTED where memory ran out, INTERNAL for
  // what else libtorch throws.
  virtual Result<at::Tensor> Embed(Texts texts, Pooling pooling, Normalize normalize) = 0;
  // To float32 [texts, labels] on the CPU. FAILED_PRECONDITION without a head; else as Embed.
  virtual Result<at::Tensor> Classify(Texts texts) = 0;

  virtual const ModelConfig& config() const = 0;
  // In what number format it computes: "fp32", "bf16", "int8", "int4".
  virtual std::string compute() const = 0;
  virtual int64_t parameters() const = 0;
  virtual int64_t weight_bytes() const = 0;
  bool has_head() const { return !config().labels.empty(); }
};

// Whether an encoder of this configuration can work on `texts`; Embed's errors.
Status CheckTexts(Texts texts, const ModelConfig& config);
// FAILED_PRECONDITION where there is none.
Status CheckHead(const ModelConfig& config);

}  // namespace troupe::model
