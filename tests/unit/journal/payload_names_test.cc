// Every payload that a record can hold is found and put back, whatever kinds of events and decisions there are.
#include "router/journal/payload_names.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include "router/journal/codec.h"

namespace troupe::journal {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Every record with exactly one payload in it: one for each place that the contract has for one.
void EveryPlace(v1::Record& root, Message& message, std::vector<v1::Record>& out) {
  if (message.GetDescriptor() == v1::Payload::descriptor()) {
    static_cast<v1::Payload&>(message).set_sha256("name");
    out.push_back(root);
    static_cast<v1::Payload&>(message).Clear();
    return;
  }
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) continue;
    Message* inner =
        field->is_repeated() ? reflection.AddMessage(&message, field) : reflection.MutableMessage(&message, field);
    EveryPlace(root, *inner, out);
    reflection.ClearField(&message, field);
  }
}

TEST(PayloadNames, EveryPlaceForAPayloadIsFoundAndPutBack) {
  v1::Record root;
  std::vector<v1::Record> records;
  EveryPlace(root, root, records);
  EXPECT_GE(records.size(), 6u);
  for (v1::Record& record : records) {
    SCOPED_TRACE(record.ShortDebugString());
    EXPECT_EQ(PayloadNames(record), std::vector<std::string>{"name"});
    EXPECT_EQ(PayloadNamesIn(record.SerializeAsString()).value(), std::vector<std::string>{"name"});
    ASSERT_TRUE(PutBack(record, [](const std::string&) -> Result<std::string> { return std::string("{}"); }));
    EXPECT_EQ(PayloadNames(record), std::vector<std::string>{});
  }
}

TEST(PayloadNames, AsManyAsEncodingGaveBlobs) {
  // given a record that mentions one large value three times, and a small one
  const Value large(std::string(5000, 'x'));
  const core::Record record{.sequence = 2,
                            .event = core::StepDone{.path = "a", .output = large},
                            .decisions = {core::CompleteStep{"a", large}, core::StartStep{.path = "b", .input = large},
                                          core::StartStep{.path = "c", .input = Value("small")}}};
  std::vector<Blob> blobs;
  v1::Record message;
  Encode(record, "t", &blobs, message);
  const std::vector<std::string> names = PayloadNames(message);
  ASSERT_EQ(names.size(), 3u);
  ASSERT_EQ(blobs.size(), 3u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(names[i], blobs[i].sha256);
}

TEST(PayloadNames, AnUnreadableRecordIsAnError) { EXPECT_FALSE(PayloadNamesIn("\xff\xff\xff")); }

}  // namespace
}  // namespace troupe::journal
