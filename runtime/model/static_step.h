// Decode steps of fixed shape: one token of each of up to bucket.sequences sequences, over the weights and the pages of
// an AtenDecoder. What differs from step to step lies in tensors that stay where they are, and what runs are ATen's
// operators alone, without waiting for the device and without a shape that depends on data. So a device can record a
// step once and run it again in one launch (graph_runner.h). The logits are those of AtenDecoder::Forward.
//
// Attention gathers the bucket's pages of every sequence and hides what is behind its length or outside of its window.
// Owned by GraphDecoder, used on its thread, in InferenceMode.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <span>

#include "runtime/model/aten_attention.h"
#include "runtime/model/aten_layers.h"
#include "runtime/model/aten_pages.h"
#include "runtime/model/decoder.h"
#include "runtime/model/step_bucket.h"
#include "runtime/model/step_inputs.h"

namespace troupe::model {

class StaticStep {
 public:
  // The last page of `pages` is taken for what fills a bucket up: nobody else may hold it. Both outlive the step.
  StaticStep(const AtenLayers& layers, const AtenPages& pages);

  // The bucket for the first of `slices`, one token each: for as many as fit into one step.
  StepBucket BucketOf(std::span<const Slice> slices) const;
  // Brings up to bucket.sequences slices to where Run reads them.
  void Send(const StepBucket& bucket, std::span<const Slice> slices);
  // Runs what was sent for the bucket: keys and values go to their pages, logits to Logits(). This is what is recorded:
  // valid until the pages are reserved anew.
  void Run(const StepBucket& bucket) const;
  // float32 [sequences, vocab] on the device, until the next Run. Sent before.
  const at::Tensor& Logits(const StepBucket& bucket) const { return logits_.at(bucket.sequences); }

 private:
  // What of the gathered pages the new tokens see through a window.
  struct View {
    at::Tensor rows;    // of a store seen as [rows, kPageTokens * head_dim]: [sequences * kv_heads * pages]
    at::Tensor hidden;  // bool [sequences, 1, tokens, 1]
    at::Tensor mask;    // what is added to the scores, [sequences, 1, 1, tokens]
  };

  View MakeView(const StepInputs::Window& window, int64_t size, const at::Tensor& lengths) const;
  at::Tensor Gather(const at::Tensor& store, const View& view) const;

  const AtenLayers& layers_;
  const AtenPages& pages_;
  const ModelConfig& config_;
  AtenAttention attention_;
  int64_t max_pages_;  // of a bucket's sequences together
  StepInputs inputs_;
  at::Tensor heads_;                      // 0 to kv_heads - 1, int64
  std::map<int64_t, at::Tensor> logits_;  // by sequences, of those sizes that were sent
};

}  // namespace troupe::model
