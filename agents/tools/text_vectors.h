// Texts as vectors that can be compared, by an encoder.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/engine/embedder.h"

namespace troupe::tools {

// A vector of length 1 for each text, however many there are. Waits for them. Errors: the embedder's.
Result<std::vector<std::vector<float>>> VectorsOf(engine::Embedder& embedder, const std::vector<std::string>& texts);

}  // namespace troupe::tools
