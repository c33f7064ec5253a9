// What a classifier is taught by: its labels (cross-entropy), a teacher's scores (Hinton et al., 2015,
// arXiv:1503.02531) and a teacher's hidden states (Sun et al., 2019, arXiv:1908.09355, and Jiao et al., 2020,
// arXiv:1909.10351). Pure functions of tensors through which gradients flow.
#pragma once

#include <ATen/core/Tensor.h>

namespace troupe::train {

// Mean of the texts that have a label (runtime/train/labelled_texts.h's kNoLabel is none); 0 where none has.
// logits [texts, labels], numbers [texts]. `smoothing` of the probability is spread over all labels.
at::Tensor LabelLoss(const at::Tensor& logits, const at::Tensor& numbers, double smoothing);

// KL(teacher || student) of the scores divided by `temperature`, mean over texts, times its square, so that gradients
// keep their size at every temperature. Both [texts, labels].
at::Tensor ScoreLoss(const at::Tensor& student, const at::Tensor& teacher, double temperature);

// Mean squared difference over the tokens that `mask` [texts, longest] lets through; undefined: all of them. Both
// [texts, longest, hidden].
at::Tensor StateLoss(const at::Tensor& student, const at::Tensor& teacher, const at::Tensor& mask);

}  // namespace troupe::train
