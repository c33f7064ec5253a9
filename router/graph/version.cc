#include <algorithm>

#include "router/graph/context.h"
#include "runtime/base/digest.h"

namespace troupe::graph {
namespace {

using kind::YamlNode;

// Unlike ToValue this keeps the order of maps: the order of steps decides what starts first.
nlohmann::ordered_json Ordered(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::kList) {
    auto list = nlohmann::ordered_json::array();
    for (const auto& item : node.items) list.push_back(Ordered(item));
    return list;
  }
  if (node.kind == YamlNode::Kind::kMap) {
    auto object = nlohmann::ordered_json::object();
    for (const auto& entry : node.entries) object[entry.key.text] = Ordered(entry.value);
    return object;
  }
  return nlohmann::ordered_json::parse(Dump(ToValue(node)));
}

}  // namespace

GraphVersion VersionOf(const ParseContext& context, const YamlNode& root) {
  nlohmann::ordered_json content;
  content["name"] = context.graph.name;
  content["spec"] = Ordered(*root.Find("spec"));
  content["files"] = nlohmann::ordered_json::object();
  for (const auto& path : context.files.used) content["files"][path] = Sha256Hex(context.files.texts.at(path));
  return GraphVersion(Sha256Hex(content.dump()));
}

}  // namespace troupe::graph
