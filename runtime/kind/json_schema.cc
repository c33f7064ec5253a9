// JSON Schema (json-schema.org, draft 2020-12) into the types that lint knows. What says nothing about the shape
// (formats, patterns, lengths of lists) is left to whoever checks values; what this subset cannot follow gives `any`.
#include <algorithm>

#include "runtime/kind/type.h"

namespace troupe::kind {
namespace {

constexpr int kMaxDepth = 32;

Result<Type> Read(const Value& schema, int depth);

Error Wrong(const std::string& what) { return Invalid(what); }

Result<Type> ReadEnum(const Value& schema) {
  const Value& choices = schema["enum"];
  if (!choices.is_array() || choices.empty()) return Wrong("'enum' must be a list with something in it");
  Type type;
  bool texts = std::all_of(choices.begin(), choices.end(), [](const Value& c) { return c.is_string() || c.is_null(); });
  type.nullable = std::any_of(choices.begin(), choices.end(), [](const Value& c) { return c.is_null(); });
  if (!texts) return type;
  type.kind = Type::Kind::kString;
  for (const auto& choice : choices) {
    if (choice.is_string()) type.choices.push_back(choice.get<std::string>());
  }
  return type;
}

Result<void> ReadProperties(const Value& schema, Type& type, int depth) {
  auto properties = schema.find("properties");
  if (properties == schema.end()) return {};
  if (!properties->is_object()) return Wrong("'properties' must be an object");
  std::vector<std::string> required;
  if (auto list = schema.find("required"); list != schema.end()) {
    if (!list->is_array()) return Wrong("'required' must be a list of names");
    for (const auto& name : *list) {
      if (!name.is_string()) return Wrong("'required' must be a list of names");
      if (!properties->contains(name.get<std::string>())) {
        return Wrong("'required' names '" + name.get<std::string>() + "', which is not among 'properties'");
      }
      required.push_back(name.get<std::string>());
    }
  }
  for (const auto& [name, property] : properties->items()) {
    Field field;
    field.name = name;
    TRY_ASSIGN(field.type, Read(property, depth + 1));
    field.required = std::find(required.begin(), required.end(), name) != required.end();
    if (!field.required) field.type.nullable = true;
    type.fields.push_back(std::move(field));
  }
  return {};
}

Result<Type> ReadNamed(const Value& schema, const std::string& name, int depth) {
  Type type;
  if (name == "string") {
    type.kind = Type::Kind::kString;
    if (auto length = schema.find("maxLength"); length != schema.end()) {
      if (!length->is_number_integer() || length->get<int64_t>() < 0)
        return Wrong("'maxLength' must be a whole number");
      type.max_length = length->get<int64_t>();
    }
  } else if (name == "integer" || name == "number") {
    type.kind = name == "integer" ? Type::Kind::kInteger : Type::Kind::kNumber;
    if (schema.contains("minimum") && schema["minimum"].is_number()) type.minimum = schema["minimum"].get<double>();
    if (schema.contains("maximum") && schema["maximum"].is_number()) type.maximum = schema["maximum"].get<double>();
  } else if (name == "boolean") {
    type.kind = Type::Kind::kBoolean;
  } else if (name == "array") {
    type.kind = Type::Kind::kList;
    type.item = std::make_shared<Type>();
    if (schema.contains("items")) {
      TRY_ASSIGN(Type item, Read(schema["items"], depth + 1));
      type.item = std::make_shared<Type>(std::move(item));
    }
  } else if (name == "object") {
    type.kind = Type::Kind::kObject;
    TRY(ReadProperties(schema, type, depth));
  } else if (name == "null") {
    type.nullable = true;
  } else {
    return Wrong("unknown type '" + name + "'");
  }
  return type;
}

Result<Type> Read(const Value& schema, int depth) {
  if (depth > kMaxDepth) return Wrong("nested deeper than " + std::to_string(kMaxDepth) + " levels");
  if (schema.is_boolean()) return Type{};
  if (!schema.is_object()) return Wrong("must be a JSON object");
  if (schema.contains("enum")) return ReadEnum(schema);
  auto named = schema.find("type");
  if (named == schema.end()) {
    if (!schema.contains("properties")) return Type{};
    return ReadNamed(schema, "object", depth);
  }
  if (named->is_string()) return ReadNamed(schema, named->get<std::string>(), depth);
  if (!named->is_array() || named->empty()) return Wrong("'type' must be a name or a list of names");
  bool nullable = false;
  std::vector<std::string> names;
  for (const auto& name : *named) {
    if (!name.is_string()) return Wrong("'type' must be a name or a list of names");
    if (name == "null") {
      nullable = true;
    } else {
      names.push_back(name.get<std::string>());
    }
  }
  Type type;
  if (names.size() == 1) {
    TRY_ASSIGN(type, ReadNamed(schema, names[0], depth));
  }
  type.nullable = nullable;
  return type;
}

}  // namespace

Result<Type> FromJsonSchema(const Value& schema) { return Read(schema, 0); }

}  // namespace troupe::kind
