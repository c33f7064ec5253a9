// Labelled texts as the tokens that an encoder is trained on.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/model_files.h"
#include "runtime/train/labelled_texts.h"
#include "runtime/train/whole_encoder.h"

namespace troupe::train {

struct EncodedTexts {
  std::vector<std::vector<int32_t>> ids;
  std::vector<int64_t> numbers;  // one a text, kNoLabel for none

  size_t size() const { return ids.size(); }
};

// In tokens, one a text.
std::vector<size_t> LengthsOf(const EncodedTexts& texts);

// Cut to what the model reads, as the embedder cuts them. Errors: the tokeniser's, with the text's place.
Result<EncodedTexts> Encode(const model::ModelFiles& files, const NumberedTexts& texts);

struct ClassifierBatch {
  PaddedTexts texts;
  at::Tensor numbers;  // [texts], int64
};
ClassifierBatch BatchOf(const EncodedTexts& texts, std::span<const size_t> indices);

}  // namespace troupe::train
