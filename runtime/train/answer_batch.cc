#include "runtime/train/answer_batch.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "runtime/base/check.h"

namespace troupe::train {
namespace {

const std::vector<int32_t>& PromptFor(const PromptAnswer& text, Reader reader) {
  return reader == Reader::kTeacher && !text.shown.empty() ? text.shown : text.prompt;
}

at::Tensor ToTensor(const std::vector<int64_t>& values) {
  at::Tensor tensor = at::empty({static_cast<int64_t>(values.size())}, at::TensorOptions().dtype(at::kLong));
  std::copy(values.begin(), values.end(), tensor.data_ptr<int64_t>());
  return tensor;
}

}  // namespace

AnswerBatch BatchAnswers(std::span<const PromptAnswer> texts, Reader reader) {
  size_t longest = 0;
  for (const PromptAnswer& text : texts) {
    longest = std::max(longest, PromptFor(text, reader).size() + text.answer.size());
  }
  at::Tensor ids = at::zeros({static_cast<int64_t>(texts.size()), static_cast<int64_t>(longest)},
                             at::TensorOptions().dtype(at::kLong));
  std::vector<int64_t> rows, targets;
  for (size_t i = 0; i < texts.size(); ++i) {
    const PromptAnswer& text = texts[i];
    const std::vector<int32_t>& prompt = PromptFor(text, reader);
    CHECK(!prompt.empty() && !text.answer.empty());
    int64_t* row = ids.data_ptr<int64_t>() + i * longest;
    std::copy(text.answer.begin(), text.answer.end(), std::copy(prompt.begin(), prompt.end(), row));
    for (size_t j = 0; j < text.answer.size(); ++j) {
      rows.push_back(static_cast<int64_t>(i * longest + prompt.size() + j) - 1);
      targets.push_back(text.answer[j]);
    }
  }
  return {std::move(ids), ToTensor(rows), ToTensor(targets)};
}

at::Tensor AnswerLogits(const WholeDecoder& decoder, const AnswerBatch& batch, Activations activations) {
  at::Tensor x = decoder.Embed(batch.ids);
  for (size_t i = 0; i < decoder.blocks().size(); ++i) {
    const auto layer = [&decoder, i](const at::Tensor& input) { return decoder.Layer(i, input); };
    x = activations == Activations::kRecomputed ? Recomputed(x, layer) : layer(x);
  }
  return decoder.Logits(decoder.HeadInput(x.view({-1, x.size(-1)}).index_select(0, batch.rows)));
}

}  // namespace troupe::train
