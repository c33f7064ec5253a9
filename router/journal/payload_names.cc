#include "router/journal/payload_names.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

namespace troupe::journal {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void Collect(const Message& message, std::vector<std::string>& names) {
  if (message.GetDescriptor() == v1::Payload::descriptor()) {
    const auto& payload = static_cast<const v1::Payload&>(message);
    if (payload.has_sha256()) names.push_back(payload.sha256());
    return;
  }
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      Collect(reflection.GetMessage(message, field), names);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      Collect(reflection.GetRepeatedMessage(message, field, i), names);
    }
  }
}

}  // namespace

std::vector<std::string> PayloadNames(const v1::Record& record) {
  std::vector<std::string> names;
  Collect(record, names);
  return names;
}

Result<std::vector<std::string>> PayloadNamesIn(std::string_view bytes) {
  v1::Record record;
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Error{Code::kDataLoss, "the journal holds a record that cannot be read: run 'troupe journal check'"};
  }
  return PayloadNames(record);
}

}  // namespace troupe::journal
