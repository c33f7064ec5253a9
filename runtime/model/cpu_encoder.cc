#include "runtime/model/cpu_encoder.h"

#include <ATen/core/TensorBody.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

#include "runtime/kernels/rows.h"
#include "runtime/model/encoder_tensors.h"
#include "runtime/model/size.h"
#include "runtime/model/step_failure.h"

namespace troupe::model {
namespace {

constexpr int64_t kPageTokens = kernels::kPageLanes;

}  // namespace

CpuEncoder::CpuEncoder(const ModelConfig& config, WeightFormat format, int threads)
    : config_(config),
      format_(format),
      team_(threads),
      pages_({1, config.heads, config.head_dim, kernels::KvFormat::kF32}) {}

Result<std::unique_ptr<CpuEncoder>> CpuEncoder::Load(const ModelConfig& config, const WeightSource& weights,
                                                     WeightFormat format, int threads) {
  std::unique_ptr<CpuEncoder> model;
  TRY(LoadEncoderWeights(config, [&] {
    model.reset(new CpuEncoder(config, format, threads));
    return model->LoadWeights(weights);
  }));
  return model;
}

Result<CpuLinear> CpuEncoder::Pack(const at::Tensor& weight, const at::Tensor& bias) const {
  CpuLinear linear;
  TRY_ASSIGN(linear.matrix, PackWeight(weight, format_, 64));
  linear.bias = ToVector(bias);
  return linear;
}

Status CpuEncoder::LoadWeights(const WeightSource& weights) {
  const EncoderTensors tensors(config_, weights);
  const auto norm = [](const NormTensors& norm) { return Norm{ToVector(norm.weight), ToVector(norm.bias)}; };
  TRY_ASSIGN(const at::Tensor words, tensors.Words());
  words_ = ToVector(words);
  TRY_ASSIGN(const at::Tensor positions, tensors.Positions());
  positions_ = ToVector(positions);
  TRY_ASSIGN(const NormTensors first, tensors.Norm());
  norm_ = norm(first);
  for (int64_t i = 0; i < config_.layers; ++i) {
    TRY_ASSIGN(const EncoderLayerTensors from, tensors.Layer(i));
    Layer layer;
    TRY_ASSIGN(layer.qkv, Pack(from.qkv.weight, from.qkv.bias));
    TRY_ASSIGN(layer.out, Pack(from.out.weight, from.out.bias));
    TRY_ASSIGN(layer.up, Pack(from.up.weight, from.up.bias));
    TRY_ASSIGN(layer.down, Pack(from.down.weight, from.down.bias));
    layer.attention_norm = norm(from.attention_norm);
    layer.ffn_norm = norm(from.ffn_norm);
    layers_.push_back(std::move(layer));
  }
  if (!has_head()) return {};
  TRY_ASSIGN(const EncoderLayerTensors::Dense pooler, tensors.Pooler());
  TRY_ASSIGN(const EncoderLayerTensors::Dense classifier, tensors.Classifier());
  TRY_ASSIGN(pooler_, Pack(pooler.weight, pooler.bias));
  TRY_ASSIGN(classifier_, Pack(classifier.weight, classifier.bias));
  return {};
}

std::string CpuEncoder::compute() const { return ComputeOf(layers_.front().up.matrix); }

int64_t CpuEncoder::parameters() const { return ParametersOf(config_); }

int64_t CpuEncoder::weight_bytes() const {
  int64_t bytes = static_cast<int64_t>(words_.size() + positions_.size()) * 4;
  if (has_head()) bytes += pooler_.matrix.bytes() + classifier_.matrix.bytes();
  for (const Layer& layer : layers_) {
    bytes += layer.qkv.matrix.bytes() + layer.out.matrix.bytes() + layer.up.matrix.bytes() + layer.down.matrix.bytes();
  }
  return bytes;
}

Status CpuEncoder::Plan(Texts texts) {
  texts_.clear();
  parts_.clear();
  tokens_ = 0;
  int64_t pages = 0, longest = 0;
  for (const std::vector<int32_t>& ids : texts) {
    const auto size = static_cast<int64_t>(ids.size());
    for (int64_t head = 0; head < config_.heads; ++head) {
      for (int64_t row = 0; row < size; row += kAttentionRows) {
        parts_.push_back({texts_.size(), row, std::min(kAttentionRows, size - row), head});
      }
    }
    texts_.push_back({tokens_, size, pages});
    tokens_ += size;
    pages += (size + kPageTokens - 1) / kPageTokens;
    longest = std::max(longest, size);
  }
  scratch_floats_ = static_cast<size_t>(kernels::AttendScratch(longest));
  if (pages > pages_.pages()) TRY(pages_.Reserve(pages));
  while (static_cast<int64_t>(page_ids_.size()) < pages) page_ids_.push_back(static_cast<int32_t>(page_ids_.size()));
  GrowTo(x_, tokens_ * config_.hidden);
  GrowTo(qkv_, tokens_ * config_.hidden * 3);
  GrowTo(attended_, tokens_ * config_.hidden);
  return {};
}

void CpuEncoder::Apply(const Norm& norm, float* x) const {
  kernels::LayerNorm(x, norm.weight.data(), norm.bias.data(), config_.hidden, static_cast<float>(config_.norm_eps), x);
}

void CpuEncoder::LookUp(Texts texts) {
  const int64_t hidden = config_.hidden;
  ForRows(team_, static_cast<int64_t>(texts.size()), [&](int64_t index) {
    const std::vector<int32_t>& ids = texts[static_cast<size_t>(index)];
    float* x = x_.data() + texts_[static_cast<size_t>(index)].first_token * hidden;
    const float* position = positions_.data();
    for (const int32_t id : ids) {
      const float* word = words_.data() + id * hidden;
      for (int64_t i = 0; i < hidden; ++i) x[i] = word[i] + position[i];
      Apply(norm_, x);
      x += hidden;
      position += hidden;
    }
  });
}

void CpuEncoder::Take(const CpuLinear& linear, const float* rows, int64_t count) {
  const int64_t width = linear.matrix.columns();
  input_.Shape(linear.matrix, count);
  ForRows(team_, count, [&](int64_t row) { input_.Set(row, rows + row * width); });
}

void CpuEncoder::AddAndNorm(const CpuLinear& linear, const kernels::Activations& input, const Norm& norm) {
  Product(team_, linear, input, x_.data(), true);
  ForRows(team_, tokens_, [&](int64_t row) { Apply(norm, x_.data() + row * config_.hidden); });
}

void CpuEncoder::Attend(const Layer& layer) {
  const int64_t hidden = config_.hidden, dim = config_.head_dim;
  Take(layer.qkv, x_.data(), tokens_);
  Product(team_, layer.qkv, input_, qkv_.data(), false);
  ForRows(team_, static_cast<int64_t>(texts_.size()), [&](int64_t index) {
    const Text& text = texts_[static_cast<size_t>(index)];
    for (int64_t i = 0; i < text.tokens; ++i) {
      const float* keys = qkv_.data() + (text.first_token + i) * 3 * hidden + hidden;
      pages_.Write(0, static_cast<int32_t>(text.first_page + i / kPageTokens), i % kPageTokens, keys, keys + hidden);
    }
  });
  const float scale = 1 / std::sqrt(static_cast<float>(dim));
  team_.RunRanges(static_cast<int64_t>(parts_.size()), kPiecesPerThread, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const AttentionPart& part = parts_[static_cast<size_t>(i)];
      const Text& text = texts_[part.text];
      const int64_t token = text.first_token + part.first_row;
      kernels::Queries queries;
      queries.query = qkv_.data() + token * 3 * hidden + part.head * dim;
      queries.out = attended_.data() + token * hidden + part.head * dim;
      queries.query_stride = 3 * hidden;
      queries.out_stride = hidden;
      queries.rows = part.rows;
      queries.kv_head = part.head;
      queries.first = part.first_row;
      queries.last = text.tokens - 1;
      queries.scale = scale;
      const std::span<const int32_t> ids(page_ids_);
      kernels::Attend(pages_, 0, ids.subspan(static_cast<size_t>(text.first_page)), queries, Scratch(scratch_floats_));
    }
  });
  Take(layer.out, attended_.data(), tokens_);
  AddAndNorm(layer.out, input_, layer.attention_norm);
}

void CpuEncoder::FeedForward(const Layer& layer) {
  Take(layer.up, x_.data(), tokens_);
  ProductThroughGate(team_, layer.up, input_, kernels::Gate::kGelu, layer.down.matrix, down_input_);
  AddAndNorm(layer.down, down_input_, layer.ffn_norm);
}

Status CpuEncoder::Encode(Texts texts) {
  TRY(CheckTexts(texts, config_));
  try {
    TRY(Plan(texts));
    LookUp(texts);
    for (const Layer& layer : layers_) {
      Attend(layer);
      FeedForward(layer);
    }
    return {};
  } catch (const std::exception& failure) {
    return StepFailure(failure);
  }
}

Result<at::Tensor> CpuEncoder::Embed(Texts texts, Pooling pooling, Normalize normalize) {
  TRY(Encode(texts));
  const int64_t hidden = config_.hidden;
  at::Tensor out = at::empty({static_cast<int64_t>(texts.size()), hidden}, at::kFloat);
  float* row = out.data_ptr<float>();
  for (const Text& text : texts_) {
    const float* x = x_.data() + text.first_token * hidden;
    const int64_t count = pooling == Pooling::kCls ? 1 : text.tokens;
    std::fill(row, row + hidden, 0.0F);
    for (int64_t token = 0; token < count; ++token, x += hidden) {
      for (int64_t i = 0; i < hidden; ++i) row[i] += x[i];
    }
    double squares = 0;
    for (int64_t i = 0; i < hidden; ++i) {
      row[i] /= static_cast<float>(count);
      squares += static_cast<double>(row[i]) * row[i];
    }
    if (normalize == Normalize::kYes) {
      const auto factor = static_cast<float>(1 / std::max(std::sqrt(squares), 1e-12));
      for (int64_t i = 0; i < hidden; ++i) row[i] *= factor;
    }
    row += hidden;
  }
  return out;
}

Result<at::Tensor> CpuEncoder::Classify(Texts texts) {
  TRY(CheckHead(config_));
  TRY(Encode(texts));
  const int64_t hidden = config_.hidden;
  const auto count = static_cast<int64_t>(texts.size());
  input_.Shape(pooler_.matrix, count);
  for (int64_t i = 0; i < count; ++i) {
    input_.Set(i, x_.data() + texts_[static_cast<size_t>(i)].first_token * hidden);
  }
  Product(team_, pooler_, input_, attended_.data(), false);
  for (int64_t i = 0; i < count * hidden; ++i)
    attended_[static_cast<size_t>(i)] = std::tanh(attended_[static_cast<size_t>(i)]);
  Take(classifier_, attended_.data(), count);
  at::Tensor out = at::empty({count, classifier_.matrix.rows()}, at::kFloat);
  Product(team_, classifier_, input_, out.data_ptr<float>(), false);
  return out;
}

}  // namespace troupe::model
