// What a decoder is taught by, token by token: the tokens of a given text (cross-entropy), or a teacher's distribution
// of the next token: forward and reverse Kullback-Leibler divergence (Gu et al., 2024, arXiv:2306.08543) and the
// generalised Jensen-Shannon divergence between them (Agarwal et al., 2024, arXiv:2306.13649). The teacher's
// distribution is whole, or its likeliest tokens with all others as one outcome.
//
// Gradients are made by hand: what autograd would keep for them is several times the logits. Pure.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace troupe::train {

enum class Divergence : uint8_t {
  kForward,        // KL(teacher || student): the student covers all that the teacher would say
  kReverse,        // KL(student || teacher): the student says only what the teacher would
  kJensenShannon,  // beta KL(teacher || mix) + (1 - beta) KL(student || mix), mix = beta teacher + (1 - beta) student
};

struct DivergenceOptions {
  Divergence divergence = Divergence::kForward;
  double beta = 0.5;  // of kJensenShannon, above 0 and below 1
  // Both sides' logits are divided by it; the loss is multiplied by its square, so that gradients keep their size.
  double temperature = 1;
};

struct LossGradient {
  double loss = 0;      // mean over tokens, nats
  at::Tensor gradient;  // of the logits: [tokens, vocab]
};

// logits [tokens, vocab], targets [tokens] int64.
LossGradient TokenLoss(const at::Tensor& logits, const at::Tensor& targets);

// Both [tokens, vocab].
LossGradient DivergenceLoss(const at::Tensor& student, const at::Tensor& teacher, const DivergenceOptions& options);

// The teacher's likeliest tokens: ids [tokens, k] int64, each once in a row, and the logarithms of their probabilities
// at the temperature of `options`.
struct TopTokens {
  at::Tensor ids, log_probs;
};
TopTokens TopOf(const at::Tensor& teacher, int64_t k, double temperature);
LossGradient DivergenceLoss(const at::Tensor& student, const TopTokens& teacher, const DivergenceOptions& options);

}  // namespace troupe::train
