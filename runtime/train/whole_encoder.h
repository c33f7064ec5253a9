// An encoder (runtime/model/encoder.h) with its classification head as plain float32 tensors through which gradients
// flow: what fine-tuning and distillation change. The same numbers as AtenEncoder's, which serves what comes out.
//
// Parameters share their memory with the layers: change them in place. On one thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/config.h"
#include "runtime/model/encoder.h"
#include "runtime/model/encoder_tensors.h"
#include "runtime/model/weights.h"
#include "runtime/train/dropout.h"
#include "runtime/train/parameter.h"
#include "runtime/train/products.h"
#include "runtime/train/recomputed.h"

namespace troupe::train {

struct PaddedTexts {
  at::Tensor ids;   // [texts, longest], int64
  at::Tensor mask;  // [texts, longest], bool: true for tokens; undefined where nothing is padded
};
// Each text has at least one token.
PaddedTexts Pad(model::Texts texts);

class WholeEncoder {
 public:
  // States behind the embeddings and behind each layer, [texts, longest, hidden], what the head sees [texts, hidden],
  // and scores [texts, labels].
  struct Pass {
    std::vector<at::Tensor> states;
    at::Tensor pooled;
    at::Tensor logits;
  };

  // With the head that the model has. Errors: AtenEncoder::Load's, FAILED_PRECONDITION for a model without a head.
  static Result<WholeEncoder> Load(const model::ModelConfig& config, const model::WeightSource& weights);
  // With a new head for `labels` in place of the model's, drawn by the seed; the pooler is kept where there is one.
  static Result<WholeEncoder> LoadWithNewHead(model::ModelConfig config, const model::WeightSource& weights,
                                              std::vector<std::string> labels, uint64_t seed);

  // Without `dropout` as it is served; with it as it is trained.
  Pass Forward(const PaddedTexts& texts, Dropout* dropout = nullptr) const;

  const model::ModelConfig& config() const { return config_; }
  // Each once, in an order that follows from the configuration.
  std::vector<Parameter> Parameters() const;
  // [type_vocab, hidden]; the first row is part of the positions' parameter.
  const at::Tensor& types() const { return types_; }
  void set_products(Products products) { products_ = products; }
  // Of layers, in passes from then on. An encoder that recomputes stays where it is until gradients have flowed.
  void set_activations(Activations activations) { activations_ = activations; }

  // The head's rows, [labels, hidden].
  const at::Tensor& head_weight() const { return classifier_.weight; }
  // More labels behind those that it has, with their rows of the head, before anybody trains it.
  void AddLabels(const std::vector<std::string>& labels, const at::Tensor& weight, const at::Tensor& bias);

 private:
  using Dense = model::EncoderLayerTensors::Dense;
  WholeEncoder() = default;
  static Result<WholeEncoder> LoadBody(model::ModelConfig config, const model::WeightSource& weights);
  // Tensors that were read may be views of a file; what is trained has memory of its own.
  void OwnMemory();
  at::Tensor Linear(const Dense& dense, const at::Tensor& x) const;
  at::Tensor Norm(const model::NormTensors& norm, const at::Tensor& x) const;
  at::Tensor Layer(const model::EncoderLayerTensors& layer, const at::Tensor& x, const std::optional<at::Tensor>& mask,
                   Dropout* dropout) const;
  at::Tensor LayerAgain(const model::EncoderLayerTensors& layer, const at::Tensor& x,
                        const std::optional<at::Tensor>& mask, Dropout* dropout) const;

  model::ModelConfig config_;
  at::Tensor words_, positions_, types_;
  model::NormTensors norm_;
  std::vector<model::EncoderLayerTensors> layers_;
  Dense pooler_, classifier_;
  Products products_ = Products::kFloat;
  Activations activations_ = Activations::kKept;
};

}  // namespace troupe::train
