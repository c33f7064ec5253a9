// Which tensors an encoder's configuration asks for, by Hugging Face's names, read as float32 on the CPU: what all
// encoders' loaders share.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/config.h"
#include "runtime/model/weights.h"

namespace troupe::model {

struct NormTensors {
  at::Tensor weight, bias;  // [hidden]
};

struct EncoderLayerTensors {
  struct Dense {
    at::Tensor weight, bias;  // [out, in], [out]
  };
  Dense qkv;  // queries, keys and values, one below the other
  Dense out, up, down;
  NormTensors attention_norm, ffn_norm;
};

class EncoderTensors {
 public:
  EncoderTensors(const ModelConfig& config, const WeightSource& weights);

  // WeightSource::Load's errors.
  Result<at::Tensor> Words() const;      // [vocab, hidden]
  Result<at::Tensor> Positions() const;  // [max_positions, hidden], with the first type's embedding added
  Result<at::Tensor> Types() const;      // [type_vocab, hidden]
  Result<NormTensors> Norm() const;
  Result<EncoderLayerTensors> Layer(int64_t index) const;
  // Of the classification head. A BERT without a head may have a pooler all the same.
  bool HasPooler() const;
  Result<EncoderLayerTensors::Dense> Pooler() const;
  Result<EncoderLayerTensors::Dense> Classifier() const;

 private:
  Result<at::Tensor> Get(const std::string& name, std::vector<int64_t> shape) const;
  Result<NormTensors> Norm(const std::string& name) const;
  Result<EncoderLayerTensors::Dense> Dense(const std::string& name, int64_t out, int64_t in) const;

  const ModelConfig& config_;
  const WeightSource& weights_;
  std::string prefix_;
};

// Runs `load`, which brings weights into an encoder. UNIMPLEMENTED for a model that is none, and RESOURCE_EXHAUSTED for
// what torch or the allocator throws.
Status LoadEncoderWeights(const ModelConfig& config, const std::function<Status()>& load);

}  // namespace troupe::model
