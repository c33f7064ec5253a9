// The kind `classify`: a label for a text, by the nearest labelled examples or by the model's trained head.
#pragma once

#include <memory>

#include "agents/host/kind.h"

namespace troupe::classify {

Result<std::unique_ptr<host::Kind>> Make(const host::Spec& spec);

}  // namespace troupe::classify
