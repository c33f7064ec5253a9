// A GGUF's vocabulary written as the tokenizer.json that the same model has: what Tokenizer is built from, and what
// goes along where a model leaves its GGUF.
#pragma once

#include <string>

#include "runtime/base/error.h"
#include "runtime/text/gguf_vocab.h"

namespace troupe::text {

// Errors as for Tokenizer::FromGgufVocab.
Result<std::string> GgufTokenizerJson(const GgufVocab& vocab);

}  // namespace troupe::text
