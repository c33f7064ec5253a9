// Types as kind.yaml and a graph's input write them: `string`, `[number]`, `{type: string, maxLength: 80, optional:
// true}`,
// `{fields: {...}}`.
#pragma once

#include <string>
#include <vector>

#include "runtime/kind/type.h"
#include "runtime/kind/yaml_map.h"

namespace troupe::kind {

// One field from its name and its type; what is wrong goes into the findings, and the field is `any` then.
Field ReadField(const std::string& name, const YamlNode& node, const std::string& file, Findings& findings);

// The same where the map may hold further keys: the caller reads those and calls Finish.
Field ReadFieldOf(const std::string& name, YamlMap& map, const std::string& file, Findings& findings);

// An object type from a map of fields.
Type ReadFields(const YamlNode& node, const std::string& what, const std::string& file, Findings& findings);

}  // namespace troupe::kind
