#include "runtime/train/student.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>

#include <array>
#include <charconv>
#include <optional>
#include <string>

namespace troupe::train {
namespace {

constexpr std::array<std::string_view, 2> kLayers{"encoder.layer.", "model.layers."};  // BERT's, decoders'

// "bert.encoder.layer.1.output.dense.weight": what stands before the number, the number, what stands behind it.
struct LayerName {
  std::string before, behind;
  size_t layer = 0;
};

std::optional<LayerName> Split(std::string_view name) {
  size_t begin = name.npos;
  for (const std::string_view layers : kLayers) {
    if (const size_t found = name.find(layers); found != name.npos) begin = found + layers.size();
  }
  if (begin == name.npos) return std::nullopt;
  LayerName split{.before = std::string(name.substr(0, begin))};
  const auto [end, failure] = std::from_chars(name.data() + begin, name.data() + name.size(), split.layer);
  if (failure != std::errc()) return std::nullopt;
  split.behind = std::string(end, name.data() + name.size());
  return split;
}

class Picked final : public model::WeightSource {
 public:
  Picked(const model::ModelConfig& teacher, std::shared_ptr<const model::WeightSource> weights, StudentShape shape)
      : hidden_(teacher.hidden), ffn_(teacher.ffn), weights_(std::move(weights)), shape_(std::move(shape)) {}

  bool Has(std::string_view name) const override {
    const auto split = Split(name);
    if (!split) return weights_->Has(name);
    return split->layer < shape_.layers.size() && weights_->Has(Name(*split, split->behind));
  }

  Result<at::Tensor> Load(std::string_view name, std::vector<int64_t> shape) const override {
    const auto split = Split(name);
    if (!split) return weights_->Load(name, std::move(shape));
    if (split->layer >= shape_.layers.size()) return NotFound("no weight " + std::string(name));
    const bool is_up = split->behind.starts_with(".intermediate.dense.");
    const bool is_down = split->behind == ".output.dense.weight";
    if (shape_.ffn == ffn_ || !(is_up || is_down)) return weights_->Load(Name(*split, split->behind), std::move(shape));
    TRY_ASSIGN(const at::Tensor kept, Neurons(*split));
    shape[is_up ? 0 : 1] = ffn_;
    TRY_ASSIGN(const at::Tensor whole, weights_->Load(Name(*split, split->behind), std::move(shape)));
    return whole.index_select(is_up ? 0 : 1, kept);
  }

  std::vector<std::string> Unused(const std::set<std::string, std::less<>>&) const override { return {}; }

 private:
  std::string Name(const LayerName& split, const std::string& behind) const {
    return split.before + std::to_string(shape_.layers[split.layer]) + behind;
  }

  // The numbers of those that are kept, in the teacher's order.
  Result<at::Tensor> Neurons(const LayerName& split) const {
    TRY_ASSIGN(const at::Tensor up, weights_->Load(Name(split, ".intermediate.dense.weight"), {ffn_, hidden_}));
    TRY_ASSIGN(const at::Tensor down, weights_->Load(Name(split, ".output.dense.weight"), {hidden_, ffn_}));
    const at::Tensor weight = up.norm(2, {1}) * down.norm(2, {0});
    return std::get<0>(std::get<1>(weight.topk(shape_.ffn)).sort());
  }

  int64_t hidden_, ffn_;
  std::shared_ptr<const model::WeightSource> weights_;
  StudentShape shape_;
};

}  // namespace

std::vector<int64_t> SpreadLayers(int64_t of, int64_t count) {
  std::vector<int64_t> layers;
  for (int64_t i = 1; i <= count; ++i) layers.push_back(i * of / count - 1);
  return layers;
}

Status CheckShape(const model::ModelConfig& teacher, const StudentShape& shape) {
  const std::string has = "the teacher has layers 0 to " + std::to_string(teacher.layers - 1);
  if (shape.layers.empty()) return Invalid("a student needs at least one layer; " + has);
  int64_t before = -1;
  for (const int64_t layer : shape.layers) {
    if (layer < 0 || layer >= teacher.layers) return Invalid("there is no layer " + std::to_string(layer) + ": " + has);
    if (layer <= before) return Invalid("a student's layers must be in order, each once");
    before = layer;
  }
  if (shape.ffn < 1 || shape.ffn > teacher.ffn) {
    return Invalid("a feed-forward of " + std::to_string(shape.ffn) + " cannot be taken from the teacher's of " +
                   std::to_string(teacher.ffn) + ": give 1 to " + std::to_string(teacher.ffn));
  }
  return {};
}

model::ModelConfig StudentConfig(const model::ModelConfig& teacher, const StudentShape& shape) {
  model::ModelConfig config = teacher;
  config.layers = static_cast<int64_t>(shape.layers.size());
  config.ffn = shape.ffn;
  if (teacher.family == model::Family::kDecoder) {
    config.decoder.layers.clear();
    for (const int64_t layer : shape.layers) {
      config.decoder.layers.push_back(teacher.decoder.layers[static_cast<size_t>(layer)]);
    }
  }
  return config;
}

std::shared_ptr<const model::WeightSource> StudentWeights(const model::ModelConfig& config,
                                                          std::shared_ptr<const model::WeightSource> teacher,
                                                          StudentShape shape) {
  return std::make_shared<Picked>(config, std::move(teacher), std::move(shape));
}

}  // namespace troupe::train
