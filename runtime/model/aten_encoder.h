// Encoders on ATen's operators, float32 or bfloat16, on any device that libtorch knows. Texts are padded to the
// longest.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/encoder.h"
#include "runtime/model/linear.h"
#include "runtime/model/weights.h"

namespace troupe::model {

class AtenEncoder final : public Encoder {
 public:
  // Errors: NOT_FOUND for a missing weight, INVALID_ARGUMENT for one of the wrong shape, UNIMPLEMENTED for a model that
  // is no encoder, RESOURCE_EXHAUSTED for memory.
  static Result<std::unique_ptr<AtenEncoder>> Load(const ModelConfig& config, const WeightSource& weights,
                                                   const Placement& placement);
  ~AtenEncoder() override;

  Result<at::Tensor> Embed(Texts texts, Pooling pooling, Normalize normalize) override;
  Result<at::Tensor> Classify(Texts texts) override;

  const ModelConfig& config() const override { return config_; }
  std::string compute() const override { return placement_.dtype == at::kFloat ? "fp32" : "bf16"; }
  int64_t parameters() const override;
  int64_t weight_bytes() const override;

 private:
  struct Norm {
    at::Tensor weight, bias;
  };
  struct Layer;
  struct Batch;
  AtenEncoder(const ModelConfig& config, const Placement& placement);
  Status LoadWeights(const WeightSource& weights);
  Batch Pad(Texts texts) const;
  at::Tensor Apply(const Norm& norm, const at::Tensor& x) const;
  at::Tensor Encode(const Batch& batch) const;

  ModelConfig config_;
  Placement placement_;
  at::Tensor words_, positions_;
  Norm norm_;
  std::vector<Layer> layers_;
  Linear pooler_, classifier_;
};

}  // namespace troupe::model
