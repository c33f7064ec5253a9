// Prompts and their answers as tokens, and batches of them: a decoder learns the answers' tokens, each from all before
// it, and nothing of the prompts.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/train/recomputed.h"
#include "runtime/train/whole_decoder.h"

namespace troupe::train {

struct PromptAnswer {
  std::vector<int32_t> prompt, answer;  // the answer with the token that ends it
  // The prompt as a teacher is given it, with worked examples that its student learns to do without (Snell et al.,
  // 2022, arXiv:2209.15189); empty: the same.
  std::vector<int32_t> shown;

  size_t size() const { return prompt.size() + answer.size(); }
};

// Whose prompt stands before the answer.
enum class Reader : uint8_t { kStudent, kTeacher };

struct AnswerBatch {
  at::Tensor ids;      // [texts, longest], int64: prompt and answer, filled up behind
  at::Tensor rows;     // [tokens], int64: where the answers' tokens are guessed, of texts * longest
  at::Tensor targets;  // [tokens], int64: which tokens they are

  int64_t tokens() const { return targets.size(0); }
};

// Each has a prompt and an answer of at least one token. Both readers' batches have the same targets in the same order.
AnswerBatch BatchAnswers(std::span<const PromptAnswer> texts, Reader reader);

// What `decoder` guesses of the answers' tokens: [tokens, vocab]. Decoders look back only, so what fills a text up
// behind changes nothing. Where layers are recomputed, the decoder stays as it is until gradients have flowed.
at::Tensor AnswerLogits(const WholeDecoder& decoder, const AnswerBatch& batch,
                        Activations activations = Activations::kKept);

}  // namespace troupe::train
