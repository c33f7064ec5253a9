// Loads libtroupe_cuda.so, the one library of ours that links libtorch_cuda, and takes a GraphRunner from it. It stays
// loaded as long as the process.
#pragma once

#include <filesystem>
#include <memory>

#include "runtime/base/error.h"
#include "runtime/model/graph_runner.h"

namespace troupe::model {

// Where a build and an installation put it: in lib/ beside the folder of this program.
std::filesystem::path GraphLibrary();

// A runner for CUDA's device of that number. Errors: FAILED_PRECONDITION where the library or one that it needs is
// missing, is of another version than this program, or CUDA refuses.
Result<std::unique_ptr<GraphRunner>> OpenGraphRunner(const std::filesystem::path& library, int device);

}  // namespace troupe::model
