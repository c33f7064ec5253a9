// Decoders (decoder.h) on ATen, for every family and on whatever device libtorch knows, in steps of any shape. In
// InferenceMode. What is computed with the weights is AtenLayers', what sequences remember lies in AtenPages.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/aten_layers.h"
#include "runtime/model/aten_pages.h"
#include "runtime/model/config.h"
#include "runtime/model/decoder.h"
#include "runtime/model/linear.h"
#include "runtime/model/weights.h"

namespace troupe::model {

class AtenDecoder final : public Decoder {
 public:
  // Errors: AtenLayers::Load's.
  static Result<std::unique_ptr<AtenDecoder>> Load(const ModelConfig& config, const WeightSource& weights,
                                                   const Placement& placement);

  Status ReservePages(int64_t pages) override { return pages_.Reserve(pages); }
  int64_t page_bytes() const override { return pages_.page_bytes(); }
  void CopyPage(PageId from, PageId to) override { pages_.Copy(from, to); }
  Result<std::span<float>> Forward(std::span<const Slice> slices) override;
  const ModelConfig& config() const override { return layers_->config(); }
  std::string compute() const override;
  int64_t parameters() const override { return layers_->parameters(); }
  int64_t weight_bytes() const override;

  // For whoever runs other steps over the same weights and pages (graph_decoder.h).
  const AtenLayers& layers() const { return *layers_; }
  AtenPages& pages() { return pages_; }

 private:
  explicit AtenDecoder(std::unique_ptr<AtenLayers> layers);
  std::vector<AtenLayers::Turn> Turns(std::span<const Slice> slices, int64_t tokens) const;
  at::Tensor Run(std::span<const Slice> slices);

  std::unique_ptr<AtenLayers> layers_;
  AtenPages pages_;
  at::Tensor logits_;  // of the last step, on the CPU
};

}  // namespace troupe::model
