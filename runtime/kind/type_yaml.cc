#include "runtime/kind/type_yaml.h"

#include <algorithm>
#include <utility>

#include "runtime/kind/suggest.h"

namespace troupe::kind {
namespace {

const std::vector<std::string> kTypeNames = {"any", "boolean", "integer", "list", "number", "object", "string"};

Type TypeNamed(std::string_view name, const YamlNode& at, const std::string& file, Findings& findings) {
  Type type;
  if (name.size() > 2 && name.front() == '[' && name.back() == ']') {
    type.kind = Type::Kind::kList;
    type.item = std::make_shared<Type>(TypeNamed(name.substr(1, name.size() - 2), at, file, findings));
    return type;
  }
  if (name == "string") {
    type.kind = Type::Kind::kString;
  } else if (name == "integer") {
    type.kind = Type::Kind::kInteger;
  } else if (name == "number") {
    type.kind = Type::Kind::kNumber;
  } else if (name == "boolean") {
    type.kind = Type::Kind::kBoolean;
  } else if (name == "object") {
    type.kind = Type::Kind::kObject;
  } else if (name == "list") {
    type.kind = Type::Kind::kList;
    type.item = std::make_shared<Type>();
  } else if (name != "any") {
    findings.Error(file, at, "unknown type '" + std::string(name) + "'" + Suggest(name, kTypeNames));
  }
  return type;
}

// `string`, `[string]`, `[{fields: ...}]` or a map.
Type ReadType(const std::string& what, const YamlNode& node, const std::string& file, Findings& findings) {
  switch (node.kind) {
    case YamlNode::Kind::kScalar:
      return TypeNamed(node.text, node, file, findings);
    case YamlNode::Kind::kList: {
      Type type;
      type.kind = Type::Kind::kList;
      if (node.items.size() != 1) {
        findings.Error(file, node, "the type of a list is written [T], with one T");
        type.item = std::make_shared<Type>();
      } else {
        type.item = std::make_shared<Type>(ReadType(what, node.items[0], file, findings));
      }
      return type;
    }
    case YamlNode::Kind::kMap:
      return ReadField(what, node, file, findings).type;
    case YamlNode::Kind::kNull:
      break;
  }
  findings.Error(file, node, "'" + what + "' has no type" + Suggest("", kTypeNames));
  return {};
}

void ReadChoices(const YamlNode& node, Type& type, const std::string& file, Findings& findings) {
  bool texts = node.kind == YamlNode::Kind::kList && !node.items.empty() &&
               std::all_of(node.items.begin(), node.items.end(),
                           [](const YamlNode& item) { return item.kind == YamlNode::Kind::kScalar; });
  if (!texts || type.kind != Type::Kind::kString) {
    findings.Error(file, node, "'enum' must be a list of the texts that a string may be");
    return;
  }
  for (const auto& item : node.items) type.choices.push_back(item.text);
}

}  // namespace

Field ReadFieldOf(const std::string& name, YamlMap& map, const std::string& file, Findings& findings) {
  Field field;
  field.name = name;
  const YamlNode* type = map.Get("type");
  const YamlNode* fields = map.Get("fields");
  const YamlNode* items = map.Get("items");
  if (type != nullptr) field.type = ReadType(name, *type, file, findings);
  if (fields != nullptr) {
    Type object = ReadFields(*fields, "'" + name + "'", file, findings);
    bool list = type != nullptr && field.type.kind == Type::Kind::kList;
    if (list) {
      field.type.item = std::make_shared<Type>(std::move(object));
    } else {
      field.type = std::move(object);
    }
  }
  if (items != nullptr) {
    field.type.kind = Type::Kind::kList;
    field.type.item = std::make_shared<Type>(ReadType(name, *items, file, findings));
  }
  if (type == nullptr && fields == nullptr && items == nullptr && map.valid()) {
    findings.Error(file, map.node(), "'" + name + "' has no 'type'" + Suggest("", kTypeNames));
  }
  if (const YamlNode* choices = map.Get("enum")) ReadChoices(*choices, field.type, file, findings);
  if (auto length = map.Integer("maxLength", 1, 100'000'000)) field.type.max_length = *length;
  if (map.Get("min") != nullptr) field.type.minimum = map.Number("min", -1e15, 1e15);
  if (map.Get("max") != nullptr) field.type.maximum = map.Number("max", -1e15, 1e15);
  if (field.type.minimum && field.type.maximum && *field.type.minimum > *field.type.maximum) {
    findings.Error(file, *map.Get("min"), "'min' is above 'max': no number is allowed; exchange them");
  }
  if (auto doc = map.String("doc")) field.doc = *doc;
  auto optional = map.Boolean("optional");
  auto required = map.Boolean("required");
  field.required = required.value_or(!optional.value_or(false));
  if (const YamlNode* fallback = map.Get("default")) {
    field.default_value = ToValue(*fallback);
    field.required = false;
    auto conformed = Conform(field.type, field.default_value, "default");
    if (!conformed && !field.default_value.is_null()) findings.Error(file, *fallback, conformed.error().message);
  }
  if (!field.required && field.default_value.is_null()) field.type.nullable = true;
  return field;
}

Field ReadField(const std::string& name, const YamlNode& node, const std::string& file, Findings& findings) {
  if (node.kind != YamlNode::Kind::kMap) {
    Field field;
    field.name = name;
    field.type = ReadType(name, node, file, findings);
    return field;
  }
  YamlMap map(node, "'" + name + "'", file, findings);
  Field field = ReadFieldOf(name, map, file, findings);
  field.is_private = map.Boolean("private").value_or(false);
  map.Finish();
  return field;
}

Type ReadFields(const YamlNode& node, const std::string& what, const std::string& file, Findings& findings) {
  Type type;
  type.kind = Type::Kind::kObject;
  YamlMap map(node, what, file, findings);
  if (!map.valid()) return type;
  for (const auto& entry : node.entries) {
    if (!IsIdentifier(entry.key.text)) {
      findings.Error(file, entry.key, "'" + entry.key.text + "' is no field name; use letters, digits and underscores");
    }
    if (type.Find(entry.key.text) == nullptr) {
      type.fields.push_back(ReadField(entry.key.text, entry.value, file, findings));
    }
  }
  return type;
}

}  // namespace troupe::kind
