// What the parts of the parser share: one set on its way from YAML to plain values.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "router/content/content_set.h"
#include "runtime/kind/yaml_map.h"
#include "runtime/kind/yaml_node.h"

namespace troupe::content {

struct Reader {
  const std::string& file;
  const std::map<std::string, std::string>& files;
  kind::Findings& findings;
  ContentSet set;

  void Error(const kind::YamlNode& at, std::string message) { findings.Error(file, at, std::move(message)); }
};

inline Position PositionOf(const kind::YamlNode& node) { return {node.line, node.column}; }

// The scalars of a list; what is none is reported. `what` names the list in messages.
std::vector<const kind::YamlNode*> Scalars(Reader& reader, const kind::YamlNode& node, const std::string& what);

void ReadSlots(Reader& reader, const kind::YamlNode& node);
void ReadMatrix(Reader& reader, const kind::YamlNode& node);
void ReadChecks(Reader& reader, const kind::YamlNode& node);
void ReadWriter(Reader& reader, const kind::YamlNode& node);
// `reader.file` is the file of texts.
void ReadTexts(Reader& reader, const kind::YamlNode& root);

}  // namespace troupe::content
