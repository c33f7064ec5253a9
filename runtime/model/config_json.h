// A decoder's configuration as a Hugging Face config.json, for models that came out of a GGUF.
#pragma once

#include "runtime/base/error.h"
#include "runtime/base/value.h"
#include "runtime/model/config.h"

namespace troupe::model {

// What ConfigFromJson reads back as the same configuration (checked here), but for the spelling of its architecture.
// Errors: UNIMPLEMENTED for a family or an option that is not written: today those of Llama, Mistral, Qwen 2 and 3 and
// SmolLM3, with plain or linearly stretched rotary positions.
Result<Value> ConfigToJson(const ModelConfig& config);

}  // namespace troupe::model
