// Writes a model as a folder like Hugging Face's, which LoadFolderOrGguf opens: from a model that is there already,
// with other weights.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/value.h"
#include "runtime/model/model_files.h"
#include "runtime/model/replace_folder.h"
#include "runtime/model/safetensors_writer.h"

namespace troupe::model {

// What is not as in the model that the folder is made of.
struct FolderChanges {
  Value config = Value::object();  // fields of config.json, in place of its own
  std::vector<TensorOut> weights;
  std::map<std::string, std::string> texts;  // more files, by name

  // The SHA-256 that its model.safetensors will have: the model's digest.
  std::string Digest() const;
};

// config.json, tokeniser, chat template and whatever else of `from` is no weight go along; out of a GGUF they are
// written anew. The folder appears whole or not at all. Errors: ALREADY_EXISTS where `to` is there and is not to be
// overwritten, FAILED_PRECONDITION where it is the model itself or something that is no model, RESOURCE_EXHAUSTED for
// a full disk, ConfigToJson's.
Status WriteModelFolder(const ModelFiles& from, const FolderChanges& changes, const std::filesystem::path& to,
                        Overwrite overwrite);
// The errors of `to` alone, to be told before work begins; `from` is where the model lies.
Status CheckModelFolder(const std::filesystem::path& from, const std::filesystem::path& to, Overwrite overwrite);

}  // namespace troupe::model
