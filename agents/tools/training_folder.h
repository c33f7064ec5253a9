// Where a run of training keeps what it has until its result is written: OUT.training, beside it.
#pragma once

#include <filesystem>

#include "runtime/base/error.h"

namespace troupe::tools {

// Whether a run goes on from what an earlier one has left.
enum class Begin : uint8_t { kWhereItWas, kFresh };

// Makes the folder where it is not there. Errors: INTERNAL where it cannot be made.
Result<std::filesystem::path> TrainingFolder(const std::filesystem::path& out, Begin begin);

}  // namespace troupe::tools
