// A decoder that says what it is told to: logits are a function of the token before.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "runtime/model/decoder.h"

namespace troupe::evaluate {

class ScriptedDecoder final : public model::Decoder {
 public:
  // Fills a row of logits for what comes behind `token`.
  using Script = std::function<void(int32_t token, std::span<float> row)>;

  ScriptedDecoder(int64_t vocab, Script script) : script_(std::move(script)) {
    config_.vocab_size = vocab;
    config_.max_positions = 4096;
  }

  Status ReservePages(int64_t) override { return {}; }
  int64_t page_bytes() const override { return 1; }
  void CopyPage(model::PageId, model::PageId) override {}
  Result<std::span<float>> Forward(std::span<const model::Slice> slices) override {
    ++steps;
    largest_batch = std::max(largest_batch, slices.size());
    logits_.clear();
    for (const model::Slice& slice : slices) {
      for (size_t i = slice.logits == model::Logits::kAll ? 0 : slice.tokens.size() - 1; i < slice.tokens.size(); ++i) {
        std::vector<float> row(static_cast<size_t>(config_.vocab_size));
        script_(slice.tokens[i], row);
        logits_.insert(logits_.end(), row.begin(), row.end());
      }
    }
    return std::span(logits_);
  }
  const model::ModelConfig& config() const override { return config_; }
  std::string compute() const override { return "scripted"; }
  int64_t parameters() const override { return 0; }
  int64_t weight_bytes() const override { return 0; }

  int steps = 0;
  size_t largest_batch = 0;

 private:
  model::ModelConfig config_;
  Script script_;
  std::vector<float> logits_;
};

}  // namespace troupe::evaluate
