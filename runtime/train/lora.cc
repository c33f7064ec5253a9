#include "runtime/train/lora.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "runtime/model/adapter.h"
#include "runtime/train/shuffle.h"

namespace troupe::train {
namespace {

std::vector<LinearPart*> LayersOf(WholeDecoder& decoder) {
  std::vector<LinearPart*> layers;
  for (Block& block : decoder.blocks()) {
    for (Projection* projection : {&block.qkv, &block.out, &block.gate_up, &block.down}) {
      for (LinearPart& part : projection->parts) layers.push_back(&part);
    }
  }
  return layers;
}

}  // namespace

Lora::Lora(WholeDecoder& decoder, const LoraOptions& options, uint64_t seed)
    : scale_(options.alpha / static_cast<double>(options.rank)) {
  for (const LinearPart* part : LayersOf(decoder)) {
    const int64_t out = part->weight.size(0), in = part->weight.size(1);
    const auto generator = at::make_generator<at::CPUGeneratorImpl>(SeedFor(seed, pairs_.size()));
    const double spread = 1 / std::sqrt(static_cast<double>(in));  // as LoRA's authors' code draws it
    const auto floats = at::TensorOptions().dtype(at::kFloat);
    at::Tensor a = at::empty({options.rank, in}, floats).uniform_(-spread, spread, generator);
    pairs_.push_back({part->weight,
                      {model::AdapterTensorName(part->name, model::AdapterSide::kA), std::move(a), false},
                      {model::AdapterTensorName(part->name, model::AdapterSide::kB),
                       at::zeros({out, options.rank}, floats), false}});
  }
}

std::vector<Parameter> Lora::Parameters() const {
  std::vector<Parameter> parameters;
  for (const Pair& pair : pairs_) {
    parameters.push_back(pair.a);
    parameters.push_back(pair.b);
  }
  return parameters;
}

void Lora::Apply(WholeDecoder& decoder, Products products) const {
  auto pair = pairs_.begin();
  for (LinearPart* part : LayersOf(decoder)) {
    part->weight = pair->base + pair->b.value.matmul(pair->a.value) * scale_;
    if (products == Products::kBfloat16) part->weight = part->weight.to(at::kBFloat16);
    ++pair;
  }
}

}  // namespace troupe::train
