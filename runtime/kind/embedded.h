// The kind.yaml files as they were when this binary was built, named from the root: "agents/embed/kind.yaml".
#pragma once

#include <vector>

#include "runtime/base/embedded_file.h"

namespace troupe::kind {

const std::vector<EmbeddedFile>& EmbeddedKindFiles();

}  // namespace troupe::kind
