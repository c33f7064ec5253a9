#include "runtime/kind/header.h"

namespace troupe::kind {

void CheckKind(YamlMap& root, const std::string& kind, const std::string& file, Findings& findings) {
  const std::string version = "troupe.dev/v1";
  if (const YamlNode* node = root.Require("apiVersion", "write apiVersion: " + version)) {
    if (node->text != version) {
      findings.Error(file, *node, "'apiVersion' must be " + version + ", got " + Describe(*node));
    }
  }
  if (const YamlNode* node = root.Require("kind", "write kind: " + kind)) {
    if (node->text != kind) findings.Error(file, *node, "'kind' must be " + kind + ", got " + Describe(*node));
  }
}

std::string ReadName(YamlMap& root, const std::string& thing, const std::string& file, Findings& findings) {
  const YamlNode* node = root.Require("metadata", "write metadata: {name: my-" + thing + "}");
  if (node == nullptr) return "";
  std::string name;
  YamlMap metadata(*node, "'metadata'", file, findings);
  if (const YamlNode* named = metadata.Require("name", "name the " + thing)) {
    name = named->text;
    if (!IsDnsLabel(name)) {
      findings.Error(file, *named,
                     "'" + name + "' is no name for a " + thing + "; use lower-case letters, digits and hyphens");
    }
  }
  // what Kubernetes puts there is Kubernetes' own
  metadata.Finish({"annotations", "labels", "namespace"});
  return name;
}

}  // namespace troupe::kind
