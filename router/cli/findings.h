// What is wrong with a file, as programs read it.
#pragma once

#include <vector>

#include "runtime/base/value.h"
#include "runtime/kind/yaml_node.h"

namespace troupe::cli {

// [{"severity", "file", "line", "column", "message"}].
Value ToJson(const std::vector<kind::Finding>& findings);

}  // namespace troupe::cli
