// Passes everything on to another decoder: for tests that let one misbehave in one way.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "runtime/model/decoder.h"

namespace troupe::engine {

class WrappedDecoder : public model::Decoder {
 public:
  explicit WrappedDecoder(std::unique_ptr<model::Decoder> inner) : inner_(std::move(inner)) {}

  Status ReservePages(int64_t pages) override { return inner_->ReservePages(pages); }
  int64_t page_bytes() const override { return inner_->page_bytes(); }
  void CopyPage(model::PageId from, model::PageId to) override { inner_->CopyPage(from, to); }
  Result<std::span<float>> Forward(std::span<const model::Slice> slices) override { return inner_->Forward(slices); }
  const model::ModelConfig& config() const override { return inner_->config(); }
  std::string compute() const override { return inner_->compute(); }
  int64_t parameters() const override { return inner_->parameters(); }
  int64_t weight_bytes() const override { return inner_->weight_bytes(); }

 private:
  std::unique_ptr<model::Decoder> inner_;
};

}  // namespace troupe::engine
