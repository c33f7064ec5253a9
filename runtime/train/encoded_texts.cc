#include "runtime/train/encoded_texts.h"

#include <ATen/core/TensorBody.h>
#include <ATen/ops/empty.h>

#include <algorithm>

#include "runtime/model/truncate.h"

namespace troupe::train {

Result<EncodedTexts> Encode(const model::ModelFiles& files, const NumberedTexts& texts) {
  const auto limit = static_cast<size_t>(std::clamp<int64_t>(
      files.max_tokens, std::min<int64_t>(3, files.config.max_positions), files.config.max_positions));
  EncodedTexts encoded{.numbers = texts.numbers};
  for (const LabelledText& text : texts.texts) {
    auto ids = files.tokenizer->Encode(text.text);
    if (!ids) return Error{ids.error().code, text.place + ": " + ids.error().message};
    model::Truncate(*ids, limit);
    encoded.ids.push_back(std::move(*ids));
  }
  return encoded;
}

std::vector<size_t> LengthsOf(const EncodedTexts& texts) {
  std::vector<size_t> lengths;
  for (const auto& ids : texts.ids) lengths.push_back(ids.size());
  return lengths;
}

ClassifierBatch BatchOf(const EncodedTexts& texts, std::span<const size_t> indices) {
  std::vector<std::vector<int32_t>> ids;
  at::Tensor numbers = at::empty({static_cast<int64_t>(indices.size())}, at::TensorOptions().dtype(at::kLong));
  for (size_t i = 0; i < indices.size(); ++i) {
    ids.push_back(texts.ids[indices[i]]);
    numbers.data_ptr<int64_t>()[i] = texts.numbers[indices[i]];
  }
  return {Pad(ids), std::move(numbers)};
}

}  // namespace troupe::train
