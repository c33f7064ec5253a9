#include "runtime/model/cpu_decoder.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "runtime/kernels/rows.h"
#include "runtime/model/size.h"
#include "runtime/model/step_failure.h"

namespace troupe::model {
namespace {

static_assert(kPageTokens == kernels::kPageLanes);

// So few tokens of a sequence are attended as one alone is: a guess that holds leaves what single steps would have
// left.
constexpr int64_t kFewTokens = 16;

kernels::KvShape PagesOf(const ModelConfig& config, WeightFormat weights) {
  return {config.layers, config.kv_heads, config.head_dim,
          weights == WeightFormat::kF32 ? kernels::KvFormat::kF32 : kernels::KvFormat::kBf16};
}

kernels::Gate GateOf(Activation activation) {
  switch (activation) {
    case Activation::kGelu:
      return kernels::Gate::kGelu;
    case Activation::kGeluTanh:
      return kernels::Gate::kGeluTanh;
    case Activation::kSilu:
      break;
  }
  return kernels::Gate::kSilu;
}

// Of so many tokens the logits have room from the start, where that is not too much memory: to get it in the middle of
// a step would make that step several times as long.
constexpr int64_t kReadyRows = 64;
constexpr int64_t kMostReadyFloats = int64_t{8} << 20;

}  // namespace

CpuDecoder::CpuDecoder(const ModelConfig& config, const CpuOptions& options)
    : config_(config),
      options_(options),
      ropes_(config.decoder.ropes.begin(), config.decoder.ropes.end()),
      attention_scale_(static_cast<float>(AttentionScale(config))),
      pages_(PagesOf(config, options.weights)),
      team_(options.threads),
      cosines_(ropes_.size()),
      sines_(ropes_.size()),
      logits_(static_cast<size_t>(std::min(kReadyRows * config.vocab_size, kMostReadyFloats))) {}

int64_t CpuDecoder::parameters() const { return ParametersOf(config_); }

int64_t CpuDecoder::weight_bytes() const {
  int64_t bytes = head_.matrix.bytes() + own_embedding_.bytes();
  for (const Layer& layer : layers_) {
    bytes +=
        layer.qkv.matrix.bytes() + layer.out.matrix.bytes() + layer.gate_up.matrix.bytes() + layer.down.matrix.bytes();
  }
  return bytes;
}

std::string CpuDecoder::compute() const { return ComputeOf(layers_.front().gate_up.matrix); }

Result<std::span<float>> CpuDecoder::Forward(std::span<const Slice> slices) {
  TRY(CheckSlices(slices, config_, pages_.pages()));
  try {
    Plan(slices);
    Embed();
    for (size_t i = 0; i < layers_.size(); ++i) {
      Attention(i, slices);
      FeedForward(layers_[i]);
    }
    Head();
    return std::span<float>(logits_).first(wanted_.size() * static_cast<size_t>(config_.vocab_size));
  } catch (const std::exception& failure) {
    return StepFailure(failure);
  }
}

void CpuDecoder::Plan(std::span<const Slice> slices) {
  tokens_.clear();
  wanted_.clear();
  for (const Slice& slice : slices) {
    int64_t position = slice.length;
    for (const int32_t id : slice.tokens) {
      tokens_.push_back({id, slice.pages[static_cast<size_t>(position / kPageTokens)], position % kPageTokens});
      ++position;
    }
    const auto end = static_cast<int64_t>(tokens_.size());
    for (int64_t i = end - LogitRows(slice); i < end; ++i) wanted_.push_back(i);
  }
  const auto tokens = static_cast<int64_t>(tokens_.size());
  GrowTo(x_, tokens * config_.hidden);
  GrowTo(qkv_, tokens * (config_.heads + 2 * config_.kv_heads) * config_.head_dim);
  GrowTo(attended_, tokens * config_.heads * config_.head_dim);
  GrowTo(added_, tokens * config_.hidden);
  for (size_t i = 0; i < ropes_.size(); ++i) {
    GrowTo(cosines_[i], tokens * ropes_[i].pairs());
    GrowTo(sines_[i], tokens * ropes_[i].pairs());
    int64_t at = 0;
    for (const Slice& slice : slices) {
      const auto size = static_cast<int64_t>(slice.tokens.size());
      ropes_[i].Fill(slice.length, size, slice.length + size + slice.ahead, cosines_[i].data() + at,
                     sines_[i].data() + at);
      at += size * ropes_[i].pairs();
    }
  }
  PlanAttention(slices);
}

void CpuDecoder::PlanAttention(std::span<const Slice> slices) {
  parts_.clear();
  const int64_t group = config_.heads / config_.kv_heads;
  // With few sequences, heads that share keys are shared out too.
  const bool is_narrow = static_cast<int64_t>(slices.size()) * config_.kv_heads < kPiecesPerThread * team_.threads() &&
                         team_.threads() > 1;
  int64_t longest = 0, first_token = 0;
  for (size_t s = 0; s < slices.size(); ++s) {
    const auto size = static_cast<int64_t>(slices[s].tokens.size());
    longest = std::max(longest, slices[s].length + size);
    const int64_t heads = is_narrow && size == 1 ? 1 : group;
    for (int64_t row = 0; row < size; row += kAttentionRows) {
      for (int64_t head = 0; head < config_.heads; head += heads) {
        parts_.push_back({s, first_token, row, std::min(kAttentionRows, size - row), head, heads});
      }
    }
    first_token += size;
  }
  scratch_floats_ = static_cast<size_t>(kernels::AttendScratch(longest));
}

void CpuDecoder::Embed() {
  const kernels::Matrix& table = config_.decoder.tied_embeddings ? head_.matrix : own_embedding_;
  const auto scale = static_cast<float>(config_.decoder.embedding_scale);
  ForRows(team_, static_cast<int64_t>(tokens_.size()), [&](int64_t row) {
    const std::span<float> x(x_.data() + row * config_.hidden, static_cast<size_t>(config_.hidden));
    table.Row(tokens_[static_cast<size_t>(row)].id, x);
    if (scale != 1) {
      for (float& value : x) value *= scale;
    }
  });
}

void CpuDecoder::NormInto(const std::vector<float>& norm, const CpuLinear& linear) {
  const auto rows = static_cast<int64_t>(tokens_.size());
  const auto eps = static_cast<float>(config_.norm_eps);
  input_.Shape(linear.matrix, rows);
  ForRows(team_, rows, [&](int64_t row) {
    float* own = input_.values(row);
    float* normed = own != nullptr ? own : Scratch(static_cast<size_t>(config_.hidden)).data();
    kernels::RmsNorm(x_.data() + row * config_.hidden, norm.data(), config_.hidden, eps, normed);
    if (own == nullptr) input_.Set(row, normed);
  });
}

void CpuDecoder::AddProduct(const CpuLinear& linear, const kernels::Activations& input,
                            const std::vector<float>& norm) {
  if (norm.empty()) return Product(team_, linear, input, x_.data(), true);
  Product(team_, linear, input, added_.data(), false);
  const auto eps = static_cast<float>(config_.norm_eps);
  ForRows(team_, static_cast<int64_t>(tokens_.size()), [&](int64_t row) {
    float* added = added_.data() + row * config_.hidden;
    float* x = x_.data() + row * config_.hidden;
    kernels::RmsNorm(added, norm.data(), config_.hidden, eps, added);
    for (int64_t i = 0; i < config_.hidden; ++i) x[i] += added[i];
  });
}

// Norms and turns queries and keys, and puts keys and values into their pages.
void CpuDecoder::PlaceKeys(size_t index) {
  const Layer& layer = layers_[index];
  const ModelConfig& c = config_;
  const auto eps = static_cast<float>(c.norm_eps);
  ForRows(team_, static_cast<int64_t>(tokens_.size()), [&](int64_t row) {
    float* heads = qkv_.data() + row * (c.heads + 2 * c.kv_heads) * c.head_dim;
    float* keys = heads + c.heads * c.head_dim;
    if (!layer.q_norm.empty()) {
      for (int64_t head = 0; head < c.heads + c.kv_heads; ++head) {
        float* x = heads + head * c.head_dim;
        kernels::RmsNorm(x, (head < c.heads ? layer.q_norm : layer.k_norm).data(), c.head_dim, eps, x);
      }
    }
    if (layer.rope != DecoderLayer::kNoRope) {
      const auto rope = static_cast<size_t>(layer.rope);
      const int64_t pairs = ropes_[rope].pairs();
      kernels::Rotate(heads, c.heads + c.kv_heads, c.head_dim, pairs, cosines_[rope].data() + row * pairs,
                      sines_[rope].data() + row * pairs);
    }
    const Token& token = tokens_[static_cast<size_t>(row)];
    pages_.Write(static_cast<int64_t>(index), token.page, token.slot, keys, keys + c.kv_heads * c.head_dim);
  });
}

void CpuDecoder::Attention(size_t index, std::span<const Slice> slices) {
  const Layer& layer = layers_[index];
  const ModelConfig& c = config_;
  NormInto(layer.attention_norm, layer.qkv);
  Product(team_, layer.qkv, input_, qkv_.data(), false);
  PlaceKeys(index);
  const int64_t qkv_width = (c.heads + 2 * c.kv_heads) * c.head_dim;
  const int64_t width = c.heads * c.head_dim;
  team_.Run(static_cast<int64_t>(parts_.size()), [&](int64_t i) {
    const AttentionPart& part = parts_[static_cast<size_t>(i)];
    const Slice& slice = slices[part.slice];
    const int64_t token = part.first_token + part.first_row;
    const bool is_as_alone =
        options_.bits == Bits::kSameInPieces || static_cast<int64_t>(slice.tokens.size()) <= kFewTokens;
    const kernels::Queries queries{qkv_.data() + token * qkv_width + part.first_head * c.head_dim,
                                   attended_.data() + token * width + part.first_head * c.head_dim,
                                   qkv_width,
                                   width,
                                   part.rows,
                                   part.heads,
                                   part.first_head / (c.heads / c.kv_heads),
                                   slice.length + part.first_row,
                                   -1,
                                   layer.window,
                                   attention_scale_,
                                   static_cast<float>(c.decoder.attention_softcap),
                                   is_as_alone};
    kernels::Attend(pages_, static_cast<int64_t>(index), slice.pages, queries, Scratch(scratch_floats_));
  });
  attended_input_.Shape(layer.out.matrix, static_cast<int64_t>(tokens_.size()));
  ForRows(team_, static_cast<int64_t>(tokens_.size()),
          [&](int64_t row) { attended_input_.Set(row, attended_.data() + row * width); });
  AddProduct(layer.out, attended_input_, layer.attention_post_norm);
}

void CpuDecoder::FeedForward(const Layer& layer) {
  NormInto(layer.ffn_norm, layer.gate_up);
  ProductThroughGate(team_, layer.gate_up, input_, GateOf(config_.decoder.activation), layer.down.matrix, ffn_input_);
  AddProduct(layer.down, ffn_input_, layer.ffn_post_norm);
}

void CpuDecoder::Head() {
  const auto rows = static_cast<int64_t>(wanted_.size());
  if (rows == 0) return;
  const auto eps = static_cast<float>(config_.norm_eps);
  const auto cap = static_cast<float>(config_.decoder.logit_softcap);
  GrowTo(logits_, rows * config_.vocab_size);
  input_.Shape(head_.matrix, rows);
  ForRows(team_, rows, [&](int64_t row) {
    const std::span<float> normed = Scratch(static_cast<size_t>(config_.hidden));
    kernels::RmsNorm(x_.data() + wanted_[static_cast<size_t>(row)] * config_.hidden, norm_.data(), config_.hidden, eps,
                     normed.data());
    input_.Set(row, normed.data());
  });
  Product(team_, head_, input_, logits_.data(), false);
  if (cap == 0) return;
  ForRows(team_, rows,
          [&](int64_t row) { kernels::SoftCap(logits_.data() + row * config_.vocab_size, config_.vocab_size, cap); });
}

}  // namespace troupe::model
