// Whether a student that is no part of its teacher can learn from it.
#pragma once

#include "runtime/base/error.h"
#include "runtime/model/model_files.h"

namespace troupe::tools {

// A student reads the tokens that its teacher reads: otherwise hidden states, word embeddings and what is likely next
// mean different things. Errors: INVALID_ARGUMENT naming the first token that differs.
Status CheckVocabulary(const model::ModelFiles& teacher, const model::ModelFiles& student);

// Both put a conversation into the same words: otherwise the student is asked otherwise than it was taught. Errors:
// INVALID_ARGUMENT showing where the two templates part; the templates' own.
Status CheckChatTemplate(const model::ModelFiles& teacher, const model::ModelFiles& student);

}  // namespace troupe::tools
