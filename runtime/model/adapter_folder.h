// Writes a LoRA adapter (adapter.h) as a folder like PEFT's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/replace_folder.h"
#include "runtime/model/safetensors_writer.h"

namespace troupe::model {

struct AdapterOut {
  int64_t rank = 0;
  double alpha = 0;
  std::string base_name, base_sha256;        // of the model that it was made for
  std::vector<TensorOut> tensors;            // by AdapterTensorName
  std::map<std::string, std::string> texts;  // more files, by name

  // The SHA-256 that its adapter_model.safetensors will have.
  std::string Digest() const;
};

// The folder appears whole or not at all. Errors: ALREADY_EXISTS where `to` is there and is not to be overwritten,
// FAILED_PRECONDITION where it is something that is no adapter, RESOURCE_EXHAUSTED for a full disk.
Status WriteAdapterFolder(const AdapterOut& adapter, const std::filesystem::path& to, Overwrite overwrite);
// The errors of `to` alone, to be told before work begins.
Status CheckAdapterFolder(const std::filesystem::path& to, Overwrite overwrite);

}  // namespace troupe::model
