// `troupe-agent distill` for models that write (task: generate).
#pragma once

#include <filesystem>

#include "agents/tools/training_folder.h"
#include "runtime/base/error.h"
#include "runtime/model/model_folder.h"

namespace troupe::tools {

// Whether training goes on to its end, or what it has come to is taken.
enum class End : uint8_t { kTrained, kTakeBest };

// From a recipe to a folder that `kind: generate` loads. Prints what came of it on stdout. Errors: those of reading the
// recipe, models and texts, of training and of writing.
Status DistillWriter(const std::filesystem::path& recipe, const std::filesystem::path& out, model::Overwrite overwrite,
                     Begin begin, End end);

}  // namespace troupe::tools
