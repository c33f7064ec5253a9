#include "runtime/model/size.h"

#include <algorithm>

namespace troupe::model {
namespace {

// Sizes come from files; in double their products do not overflow, and are exact as far as it matters.
int64_t Capped(double numbers) { return static_cast<int64_t>(std::min(numbers, static_cast<double>(kMostNumbers))); }

double DecoderLayerSize(const ModelConfig& c) {
  const DecoderConfig& d = c.decoder;
  const double hidden = static_cast<double>(c.hidden);
  const double ffn = static_cast<double>(c.ffn);
  const double head_dim = static_cast<double>(c.head_dim);
  const double q_rows = static_cast<double>(c.heads) * head_dim;
  const double qkv_rows = q_rows + 2 * static_cast<double>(c.kv_heads) * head_dim;
  double size = hidden * qkv_rows + q_rows * hidden + 3 * hidden * ffn + 2 * hidden;
  if (d.qkv_bias) size += qkv_rows;
  if (d.out_bias) size += hidden;
  if (d.mlp_bias) size += 2 * ffn + hidden;
  if (d.qk_norm) size += 2 * head_dim;
  if (d.post_norms) size += 2 * hidden;
  return size;
}

double BertSize(const ModelConfig& c) {
  const double hidden = static_cast<double>(c.hidden);
  const double ffn = static_cast<double>(c.ffn);
  const double labels = static_cast<double>(c.labels.size());
  const double rows = static_cast<double>(c.vocab_size) + static_cast<double>(c.max_positions) +
                      static_cast<double>(c.type_vocab_size) + 2;
  const double layer = 4 * hidden * (hidden + 1) + hidden * ffn + ffn + ffn * hidden + hidden + 4 * hidden;
  const double head = labels > 0 ? hidden * (hidden + 1) + labels * (hidden + 1) : 0;
  return rows * hidden + static_cast<double>(c.layers) * layer + head;
}

}  // namespace

int64_t ParametersOf(const ModelConfig& config) {
  if (config.family == Family::kBert) return Capped(BertSize(config));
  const double hidden = static_cast<double>(config.hidden);
  const double embedding = static_cast<double>(config.vocab_size) * hidden;
  return Capped((config.decoder.tied_embeddings ? 1 : 2) * embedding + hidden +
                static_cast<double>(config.layers) * DecoderLayerSize(config));
}

int64_t CacheNumbersOf(const ModelConfig& config) {
  return Capped(2 * static_cast<double>(config.layers) * static_cast<double>(config.kv_heads) *
                static_cast<double>(config.head_dim));
}

}  // namespace troupe::model
