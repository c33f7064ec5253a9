// Which of a package's files is its model. Pure.
#pragma once

#include <string>
#include <vector>

#include "runtime/hub/store.h"

namespace troupe::hub {

// The .gguf files, and the folders that hold a config.json and *.safetensors.
std::vector<std::string> ModelsIn(const std::vector<StoredFile>& files);

// The one that `source` means: its path, or the only one there is; empty where there is none and no path is asked for.
// Errors: NOT_FOUND naming those there are, INVALID_ARGUMENT where there are several to choose from.
Result<std::string> ModelOf(const std::vector<StoredFile>& files, const Source& source);

}  // namespace troupe::hub
