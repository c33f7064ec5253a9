// Private to runtime/text: a GGUF's vocabulary written as the tokenizer.json that the same model has.
#pragma once

#include <string>

#include "runtime/base/error.h"
#include "runtime/text/gguf_vocab.h"

namespace troupe::text {

// Errors as for Tokenizer::FromGgufVocab.
Result<std::string> GgufTokenizerJson(const GgufVocab& vocab);

}  // namespace troupe::text
