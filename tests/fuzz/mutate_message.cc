#include "tests/fuzz/mutate_message.h"

#include <google/protobuf/descriptor.h>

namespace troupe::fuzz {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

class Change {
 public:
  Change(std::span<const std::string> words, Random& random) : words_(words), random_(random) {}

  void In(Message& message, int depth) {
    constexpr int kDeepest = 8;
    const auto* descriptor = message.GetDescriptor();
    if (descriptor->field_count() == 0) return;
    const FieldDescriptor* field = descriptor->field(static_cast<int>(random_.Below(Count(descriptor->field_count()))));
    const Reflection& reflection = *message.GetReflection();
    if (random_.OneIn(6)) return reflection.ClearField(&message, field);
    const bool is_message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (!field->is_repeated()) {
      if (!is_message) return Set(message, *field);
      if (depth < kDeepest) In(*reflection.MutableMessage(&message, field), depth + 1);
      return;
    }
    const int size = reflection.FieldSize(message, field);
    if (size > 0 && random_.OneIn(4)) return reflection.RemoveLast(&message, field);
    if (is_message && depth < kDeepest) {
      const bool is_new = size == 0 || random_.OneIn(3);
      In(is_new ? *reflection.AddMessage(&message, field)
                : *reflection.MutableRepeatedMessage(&message, field, static_cast<int>(random_.Below(Count(size)))),
         depth + 1);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      reflection.AddString(&message, field, Text(""));
    }
  }

 private:
  static size_t Count(int count) { return static_cast<size_t>(count); }

  std::string Text(std::string text) {
    if (!words_.empty() && random_.OneIn(3)) return words_[random_.Below(words_.size())];
    const std::string other = words_.empty() ? "x" : words_[random_.Below(words_.size())];
    for (size_t i = 1 + random_.Below(3); i > 0; --i) Mutate(text, other, words_, random_);
    return text;
  }

  void Set(Message& message, const FieldDescriptor& field) {
    const Reflection& reflection = *message.GetReflection();
    const int64_t number = OddNumber(random_);
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return reflection.SetInt32(&message, &field, static_cast<int32_t>(number));
      case FieldDescriptor::CPPTYPE_INT64:
        return reflection.SetInt64(&message, &field, number);
      case FieldDescriptor::CPPTYPE_UINT32:
        return reflection.SetUInt32(&message, &field, static_cast<uint32_t>(number));
      case FieldDescriptor::CPPTYPE_UINT64:
        return reflection.SetUInt64(&message, &field, static_cast<uint64_t>(number));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return reflection.SetDouble(&message, &field, static_cast<double>(number) / 3);
      case FieldDescriptor::CPPTYPE_FLOAT:
        return reflection.SetFloat(&message, &field, static_cast<float>(number) / 3);
      case FieldDescriptor::CPPTYPE_BOOL:
        return reflection.SetBool(&message, &field, number % 2 == 0);
      case FieldDescriptor::CPPTYPE_ENUM:
        return reflection.SetEnumValue(&message, &field, static_cast<int>(random_.Below(12)));
      case FieldDescriptor::CPPTYPE_STRING:
        return reflection.SetString(&message, &field, Text(reflection.GetString(message, &field)));
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return;
    }
  }

  const std::span<const std::string> words_;
  Random& random_;
};

}  // namespace

void MutateMessage(Message& message, std::span<const std::string> words, Random& random) {
  Change(words, random).In(message, 0);
}

}  // namespace troupe::fuzz
