// BERT encoders (Devlin et al., 2019) as sentence encoders (Reimers and Gurevych, 2019) and with a classification head.
// Device-agnostic ATen in InferenceMode, float32 or bfloat16. Immutable once loaded; one thread at a time.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/config.h"
#include "runtime/model/linear.h"
#include "runtime/model/weights.h"

namespace troupe::model {

enum class Pooling : uint8_t { kMean, kCls };
enum class Normalize : uint8_t { kNo, kYes };

class BertModel {
 public:
  static Result<std::unique_ptr<BertModel>> Load(const ModelConfig& config, const WeightSource& weights,
                                                 const Placement& placement);
  ~BertModel();

  // A batch of token ids, [CLS] and [SEP] included, each of 1 to max_positions tokens. Padding and masking happen
  // here. Errors: INVALID_ARGUMENT for an id outside the vocabulary or an empty text, OUT_OF_RANGE for one that is too
  // long.
  // To float32 [batch, hidden] on the CPU.
  Result<at::Tensor> Embed(std::span<const std::vector<int32_t>> batch, Pooling pooling, Normalize normalize) const;
  // To float32 [batch, labels] on the CPU. FAILED_PRECONDITION without a head.
  Result<at::Tensor> Classify(std::span<const std::vector<int32_t>> batch) const;

  bool has_head() const { return has_head_; }
  const ModelConfig& config() const { return config_; }
  int64_t parameters() const;

 private:
  struct Layer;
  struct Batch;
  BertModel(const ModelConfig& config, const Placement& placement);
  Status LoadWeights(const WeightSource& weights);
  Result<Batch> Pad(std::span<const std::vector<int32_t>> batch) const;
  at::Tensor Encode(const Batch& batch) const;

  ModelConfig config_;
  Placement placement_;
  at::Tensor words_, positions_, types_;  // embeddings
  at::Tensor norm_weight_, norm_bias_;
  std::vector<Layer> layers_;
  bool has_head_ = false;
  Linear pooler_, classifier_;
};

}  // namespace troupe::model
