#include "router/cli/message_json.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <string>

#include "troupe/v1/journal.pb.h"

namespace troupe::cli {
namespace {

using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kMaxDepth = 32;

// TASK_STATE_RUNNING of enum TaskState -> "running".
Value EnumName(const EnumValueDescriptor& value) {
  std::string prefix;
  for (const char c : value.type()->name()) {
    if (c >= 'A' && c <= 'Z' && !prefix.empty()) prefix += '_';
    prefix += static_cast<char>(std::toupper(c));
  }
  std::string name = value.name();
  if (name.starts_with(prefix + "_")) name.erase(0, prefix.size() + 1);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

// Bytes that hold JSON are shown as what they hold; other bytes as text.
Value BytesValue(const FieldDescriptor& field, const std::string& bytes) {
  if (field.name().ends_with("json")) {
    if (bytes.empty()) return nullptr;
    if (auto value = ParseValue(bytes)) return *value;
  }
  return bytes;
}

Value Convert(const Message& message, int depth);

// `index` is -1 for a field that is not repeated.
Value FieldValue(const Message& message, const FieldDescriptor& field, int index, int depth) {
  const auto& reflection = *message.GetReflection();
  const bool one = index < 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return one ? reflection.GetInt32(message, &field) : reflection.GetRepeatedInt32(message, &field, index);
    case FieldDescriptor::CPPTYPE_INT64:
      return one ? reflection.GetInt64(message, &field) : reflection.GetRepeatedInt64(message, &field, index);
    case FieldDescriptor::CPPTYPE_UINT32:
      return one ? reflection.GetUInt32(message, &field) : reflection.GetRepeatedUInt32(message, &field, index);
    case FieldDescriptor::CPPTYPE_UINT64:
      return one ? reflection.GetUInt64(message, &field) : reflection.GetRepeatedUInt64(message, &field, index);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return one ? reflection.GetDouble(message, &field) : reflection.GetRepeatedDouble(message, &field, index);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return one ? reflection.GetFloat(message, &field) : reflection.GetRepeatedFloat(message, &field, index);
    case FieldDescriptor::CPPTYPE_BOOL:
      return one ? reflection.GetBool(message, &field) : reflection.GetRepeatedBool(message, &field, index);
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumName(
          *(one ? reflection.GetEnum(message, &field) : reflection.GetRepeatedEnum(message, &field, index)));
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text =
          one ? reflection.GetString(message, &field) : reflection.GetRepeatedString(message, &field, index);
      return field.type() == FieldDescriptor::TYPE_BYTES ? BytesValue(field, text) : Value(text);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Convert(
          one ? reflection.GetMessage(message, &field) : reflection.GetRepeatedMessage(message, &field, index),
          depth + 1);
  }
  return nullptr;
}

// "input_json" shows a value, not text: the name loses its ending.
std::string KeyOf(const FieldDescriptor& field) {
  std::string name = field.name();
  if (field.type() == FieldDescriptor::TYPE_BYTES && name.ends_with("_json")) name.resize(name.size() - 5);
  return name;
}

Value MapValue(const Message& message, const FieldDescriptor& field, int depth) {
  Value map = Value::object();
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const Message& entry = reflection.GetRepeatedMessage(message, &field, i);
    const auto& key = *entry.GetDescriptor()->map_key();
    const auto& value = *entry.GetDescriptor()->map_value();
    const Value name = FieldValue(entry, key, -1, depth);
    map[name.is_string() ? name.get<std::string>() : name.dump()] = FieldValue(entry, value, -1, depth);
  }
  return map;
}

Value Convert(const Message& message, int depth) {
  if (depth > kMaxDepth) return nullptr;
  if (const auto* payload = dynamic_cast<const v1::Payload*>(&message)) {
    if (payload->has_sha256()) return Value{{"sha256", payload->sha256()}};
    auto value = ParseValue(payload->json());
    return value ? *value : Value(nullptr);
  }
  Value object = Value::object();
  const auto& reflection = *message.GetReflection();
  const auto& descriptor = *message.GetDescriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    if (field.is_map()) {
      object[field.name()] = MapValue(message, field, depth);
    } else if (field.is_repeated()) {
      Value list = Value::array();
      for (int at = 0; at < reflection.FieldSize(message, &field); ++at) {
        list.push_back(FieldValue(message, field, at, depth));
      }
      object[field.name()] = std::move(list);
    } else if (!field.has_presence() || reflection.HasField(message, &field)) {
      object[KeyOf(field)] = FieldValue(message, field, -1, depth);
    }
  }
  return object;
}

}  // namespace

Value ToJson(const Message& message) { return Convert(message, 0); }

}  // namespace troupe::cli
