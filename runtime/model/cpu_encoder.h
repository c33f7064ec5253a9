// An encoder on the kernels of runtime/kernels. Texts lie one behind the other, so there is no padding, and a text
// gives the same numbers whatever else is in its batch. Keys and values are float32.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/kernels/attention.h"
#include "runtime/model/cpu_layers.h"
#include "runtime/model/encoder.h"
#include "runtime/model/weights.h"

namespace troupe::model {

class CpuEncoder final : public Encoder {
 public:
  // `threads`: the caller of Embed included. Errors: AtenEncoder::Load's.
  static Result<std::unique_ptr<CpuEncoder>> Load(const ModelConfig& config, const WeightSource& weights,
                                                  WeightFormat format, int threads);

  Result<at::Tensor> Embed(Texts texts, Pooling pooling, Normalize normalize) override;
  Result<at::Tensor> Classify(Texts texts) override;

  const ModelConfig& config() const override { return config_; }
  std::string compute() const override;
  int64_t parameters() const override;
  int64_t weight_bytes() const override;

 private:
  struct Norm {
    std::vector<float> weight, bias;
  };
  struct Layer {
    CpuLinear qkv, out, up, down;
    Norm attention_norm, ffn_norm;
  };
  struct Text {
    int64_t first_token;
    int64_t tokens;
    int64_t first_page;
  };
  // A head of some of a text's tokens.
  struct AttentionPart {
    size_t text;
    int64_t first_row;
    int64_t rows;
    int64_t head;
  };

  CpuEncoder(const ModelConfig& config, WeightFormat format, int threads);
  Status LoadWeights(const WeightSource& weights);
  Result<CpuLinear> Pack(const at::Tensor& weight, const at::Tensor& bias) const;

  // Leaves the last layer's output in x_, [tokens, hidden].
  Status Encode(Texts texts);
  Status Plan(Texts texts);
  void LookUp(Texts texts);
  void Attend(const Layer& layer);
  void FeedForward(const Layer& layer);
  // x = norm(x + linear(input))
  void AddAndNorm(const CpuLinear& linear, const kernels::Activations& input, const Norm& norm);
  void Apply(const Norm& norm, float* x) const;
  // x_'s rows into input_, for `linear`.
  void Take(const CpuLinear& linear, const float* rows, int64_t count);

  const ModelConfig config_;
  const WeightFormat format_;
  std::vector<float> words_, positions_;
  Norm norm_;
  std::vector<Layer> layers_;
  CpuLinear pooler_, classifier_;

  kernels::Team team_;
  kernels::KvPages pages_;
  std::vector<int32_t> page_ids_;  // 0, 1, 2, ...

  // Of the batch under way.
  std::vector<Text> texts_;
  std::vector<AttentionPart> parts_;
  int64_t tokens_ = 0;
  size_t scratch_floats_ = 0;
  std::vector<float> x_, qkv_, attended_;
  kernels::Activations input_, down_input_;
};

}  // namespace troupe::model
