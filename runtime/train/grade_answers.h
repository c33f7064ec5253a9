// How well a decoder guesses given answers, each token from all before it.
#pragma once

#include "runtime/base/error.h"
#include "runtime/train/answer_batch.h"
#include "runtime/train/answer_texts.h"
#include "runtime/train/training_log.h"

namespace troupe::train {

// Over all tokens of the answers: the share guessed right, and the mean cross-entropy. There is at least one text, each
// with an answer. Errors: RESOURCE_EXHAUSTED for memory, INTERNAL for what else torch throws.
Result<Grade> GradeAnswers(const WholeDecoder& decoder, const AnswerTexts& texts, Reader reader);

}  // namespace troupe::train
