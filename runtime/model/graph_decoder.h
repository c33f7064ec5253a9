// An AtenDecoder whose decode steps are recorded once and run again in one launch (graph_runner.h): sequences that have
// one token in a step go through static steps (static_step.h), recorded when a bucket is first used. Prompts in the
// same step, and what cannot be recorded, go through the AtenDecoder, over the same weights and pages; compute() says
// why.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "runtime/base/error.h"
#include "runtime/model/aten_decoder.h"
#include "runtime/model/decoder.h"
#include "runtime/model/graph_runner.h"
#include "runtime/model/static_step.h"
#include "runtime/model/step_bucket.h"

namespace troupe::model {

// Recorded steps that are kept; the one that was not used for longest goes first.
constexpr size_t kMaxGraphs = 48;

class GraphDecoder final : public Decoder {
 public:
  GraphDecoder(std::unique_ptr<AtenDecoder> decoder, Result<std::unique_ptr<GraphRunner>> runner);

  // Takes one more, which fills up steps. Records the smallest step, so that a device that cannot is known before work
  // begins.
  Status ReservePages(int64_t pages) override;
  int64_t page_bytes() const override { return decoder_->page_bytes(); }
  void CopyPage(PageId from, PageId to) override;
  Result<std::span<float>> Forward(std::span<const Slice> slices) override;
  const ModelConfig& config() const override { return decoder_->config(); }
  // "bf16 with CUDA graphs", "bf16 without graphs: " and why.
  std::string compute() const override;
  int64_t parameters() const override { return decoder_->parameters(); }
  int64_t weight_bytes() const override { return decoder_->weight_bytes(); }

  // Recorded steps, for tests.
  size_t graphs() const { return graphs_.size(); }

 private:
  struct Recorded {
    std::unique_ptr<Graph> graph;  // none where it cannot be recorded
    int64_t used = 0;              // the count of replays when it last was
  };

  using Graphs = std::map<StepBucket, Recorded>;

  void MakeRoom(int64_t rows);
  bool Decode(std::span<const Slice> slices, std::span<const int64_t> rows);
  bool Replay(const StepBucket& bucket, std::span<const Slice> slices);
  Graphs::iterator Record(const StepBucket& bucket);

  std::unique_ptr<AtenDecoder> decoder_;
  int64_t pages_ = 0;  // without the one that fills up
  std::unique_ptr<StaticStep> step_;
  std::string reason_;  // why there is no runner, or no graph for some bucket
  // In this order: graphs are freed before the runner that made them, and before what they read.
  std::unique_ptr<GraphRunner> runner_;
  Graphs graphs_;
  int64_t replays_ = 0;
  at::Tensor logits_;  // of the last step, on the CPU
};

}  // namespace troupe::model
