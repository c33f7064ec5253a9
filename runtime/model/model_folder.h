// Writes a model as a folder like Hugging Face's, which LoadFolderOrGguf opens: from a model that is there already,
// with other weights.
#pragma once

#include <filesystem>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/value.h"
#include "runtime/model/model_files.h"
#include "runtime/model/safetensors_writer.h"

namespace troupe::model {

enum class Overwrite : uint8_t { kNo, kYes };

// config.json, tokeniser, chat template and whatever else of `from` is no weight go along; out of a GGUF they are
// written anew. `quantization` becomes config.json's "quantization_config". The folder appears whole or not at all.
// Errors: ALREADY_EXISTS where `to` is there and is not to be overwritten, FAILED_PRECONDITION where it is the model
// itself or something that is no model, RESOURCE_EXHAUSTED for a full disk, ConfigToJson's.
Status WriteModelFolder(const ModelFiles& from, const Value& quantization, const std::vector<TensorOut>& weights,
                        const std::filesystem::path& to, Overwrite overwrite);
// The errors of `to` alone, to be told before work begins.
Status CheckModelFolder(const ModelFiles& from, const std::filesystem::path& to, Overwrite overwrite);

}  // namespace troupe::model
