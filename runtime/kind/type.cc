#include "runtime/kind/type.h"

#include <algorithm>
#include <cstdio>

#include "runtime/kind/suggest.h"

namespace troupe::kind {
namespace {

std::string Got(const Value& value) {
  if (value.is_null()) return "none";
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  constexpr size_t kShown = 60;
  std::string text = Dump(value);
  if (text.size() <= kShown) return text;
  // not through the middle of a character
  size_t cut = kShown;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) >> 6) == 2) --cut;
  return text.substr(0, cut) + "...";
}

int64_t CodePoints(const std::string& text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) >> 6) != 2; });
}

std::string ShownNumber(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", number);
  return text;
}

Result<Value> ConformString(const Type& type, Value value, const std::string& where) {
  if (!value.is_string()) return Invalid(where + ": must be a string, got " + Got(value));
  const auto& text = value.get_ref<const std::string&>();
  if (type.max_length > 0 && CodePoints(text) > type.max_length) {
    return Invalid(where + ": must have at most " + std::to_string(type.max_length) + " characters, got " +
                   std::to_string(CodePoints(text)));
  }
  if (!type.choices.empty() && std::find(type.choices.begin(), type.choices.end(), text) == type.choices.end()) {
    return Invalid(where + ": must be one of the allowed texts, got " + Got(value) + Suggest(text, type.choices));
  }
  return value;
}

Result<Value> ConformNumber(const Type& type, Value value, const std::string& where) {
  bool integer = type.kind == Type::Kind::kInteger;
  // 3.0 is a whole number in JSON Schema, too
  if (integer && value.is_number_float()) {
    double number = value.get<double>();
    if (number >= -9e15 && number <= 9e15 && number == static_cast<double>(static_cast<int64_t>(number))) {
      value = static_cast<int64_t>(number);
    }
  }
  if (integer ? !value.is_number_integer() : !value.is_number()) {
    return Invalid(where + ": must be " + (integer ? "an integer" : "a number") + ", got " + Got(value));
  }
  double number = value.get<double>();
  if (type.minimum && number < *type.minimum) {
    return Invalid(where + ": must be at least " + ShownNumber(*type.minimum) + ", got " + Got(value));
  }
  if (type.maximum && number > *type.maximum) {
    return Invalid(where + ": must be at most " + ShownNumber(*type.maximum) + ", got " + Got(value));
  }
  return value;
}

Result<Value> ConformObject(const Type& type, Value value, const std::string& where) {
  if (!value.is_object()) return Invalid(where + ": must be an object, got " + Got(value));
  if (type.fields.empty()) return value;
  std::vector<std::string> names;
  for (const auto& field : type.fields) names.push_back(field.name);
  for (const auto& [key, ignored] : value.items()) {
    if (type.Find(key) == nullptr) return Invalid(where + "." + key + ": unknown field" + Suggest(key, names));
  }
  for (const auto& field : type.fields) {
    auto found = value.find(field.name);
    bool missing = found == value.end() || (found->is_null() && !field.type.nullable);
    if (missing) {
      if (field.required) {
        return Invalid(where + "." + field.name + ": is missing, must be " + ToString(field.type));
      }
      if (!field.default_value.is_null()) {
        value[field.name] = field.default_value;
      } else if (found != value.end()) {
        value.erase(found);
      }
      continue;
    }
    TRY_ASSIGN(*found, Conform(field.type, std::move(*found), where + "." + field.name));
  }
  return value;
}

}  // namespace

const Field* Type::Find(const std::string& name) const {
  for (const auto& field : fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

std::string ToString(const Type& type) {
  switch (type.kind) {
    case Type::Kind::kAny:
      return "any";
    case Type::Kind::kString:
      return "string";
    case Type::Kind::kInteger:
      return "integer";
    case Type::Kind::kNumber:
      return "number";
    case Type::Kind::kBoolean:
      return "boolean";
    case Type::Kind::kList:
      return "[" + (type.item ? ToString(*type.item) : std::string("any")) + "]";
    case Type::Kind::kObject:
      break;
  }
  if (type.fields.empty()) return "object";
  std::string text;
  for (const auto& field : type.fields) text += (text.empty() ? "" : ", ") + field.name + ": " + ToString(field.type);
  return "object {" + text + "}";
}

Result<Value> Conform(const Type& type, Value value, const std::string& where) {
  if (value.is_null() && (type.nullable || type.kind == Type::Kind::kAny)) return value;
  switch (type.kind) {
    case Type::Kind::kAny:
      return value;
    case Type::Kind::kString:
      return ConformString(type, std::move(value), where);
    case Type::Kind::kInteger:
    case Type::Kind::kNumber:
      return ConformNumber(type, std::move(value), where);
    case Type::Kind::kBoolean:
      if (!value.is_boolean()) return Invalid(where + ": must be true or false, got " + Got(value));
      return value;
    case Type::Kind::kList:
      if (!value.is_array()) return Invalid(where + ": must be a list, got " + Got(value));
      if (type.item) {
        for (size_t i = 0; i < value.size(); ++i) {
          TRY_ASSIGN(value[i], Conform(*type.item, std::move(value[i]), where + "[" + std::to_string(i) + "]"));
        }
      }
      return value;
    case Type::Kind::kObject:
      return ConformObject(type, std::move(value), where);
  }
  return value;
}

}  // namespace troupe::kind
