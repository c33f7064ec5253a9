// How every file of ours begins: which language, which kind of thing, what it is called. Reports what is wrong to the
// findings and goes on. Pure.
#pragma once

#include <string>

#include "runtime/kind/yaml_map.h"
#include "runtime/kind/yaml_node.h"

namespace troupe::kind {

// 'apiVersion' and 'kind', which must be `kind`.
void CheckKind(YamlMap& root, const std::string& kind, const std::string& file, Findings& findings);

// The name in 'metadata', a DNS label. `thing` is what has it, for messages: "graph".
std::string ReadName(YamlMap& root, const std::string& thing, const std::string& file, Findings& findings);

}  // namespace troupe::kind
