#include "router/journal/codec.h"

#include <gtest/gtest.h>

#include <map>

namespace troupe::journal {
namespace {

using core::Decision;
using core::Event;

const core::Usage kUsage{10, 20, 30};
const core::WorkSite kSite{"writer", "writer-1", "least busy", 1001, 1002, 55, "abc", 2, {8, 9}};

std::vector<Event> EveryEvent() {
  return {
      core::Accepted{.graph = "g",
                     .version = GraphVersion("v1"),
                     .input = {{"text", "héllo"}},
                     .request_id = "r",
                     .deadline_ms = 5,
                     .labels = {{"team", "a"}},
                     .limits = {9, 10, 11},
                     .priority = 7},
      core::StepDone{"a.b[2].c", 3, Value{{"n", 12345678901234}}, kUsage, kSite},
      core::StepFailed{"a", 2, Error{Code::kUnavailable, "gone"}, kUsage, kSite},
      core::StepProgress{"a", 1, "some text", 7},
      core::StepAsked{"a", 1, 2, "expert", Value{{"prompt", "?"}}},
      core::CancelRequested{"why"},
      core::DeadlinePassed{},
      core::PersonDecided{"a", true, "ann", "fine"},
      core::WaitExpired{"a"},
  };
}

std::vector<Decision> EveryDecision() {
  return {
      core::StartStep{"a", 2, "writer", Value{{"x", 1.5}}, 100, 200, {300, 400, 500}, {6, 7}, true},
      core::SkipStep{"b"},
      core::OpenScope{"c", 4, Value::array({1, nullptr, "x"}), 5},
      core::CompleteStep{"d", Value("out")},
      core::FailStep{"e", Error{Code::kInternal, "bad"}, true},
      core::StopStep{"f", 6},
      core::FinishTask{Value(nullptr)},
      core::FailTask{Error{Code::kCancelled, "stopped"}, "g"},
      core::AskPerson{"h", "really?", Value{{"draft", "hi"}}, 99},
      core::MoveDeadline{1234},
      core::OpenGraph{"i", Value{{"text", "hi"}}},
      core::AskTeacher{"j", 2, "expert", 0.4375, 0.8, "no tokens left"},
      core::AskTeacher{"k", 1, "expert", 0.9375, 0.8, "", true},
  };
}

TEST(Codec, BringsEveryEventAndDecisionBackAsItWas) {
  for (const Event& event : EveryEvent()) {
    // given a record with that event and every kind of decision
    const core::Record record{.sequence = 7, .time_ms = 123, .event = event, .decisions = EveryDecision()};
    // when it is written and read
    std::vector<Blob> blobs;
    v1::Record message;
    Encode(record, "task-1", &blobs, message);
    v1::Record read;
    ASSERT_TRUE(read.ParseFromString(message.SerializeAsString()));
    const Result<core::Record> back = Decode(read, nullptr);
    // then nothing has changed
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_TRUE(*back == record) << read.ShortDebugString();
    EXPECT_EQ(read.task_id(), "task-1");
    EXPECT_TRUE(blobs.empty());
  }
}

TEST(Codec, LargeValuesAreStoredOnceByTheirContent) {
  // given the same large value as an output and as an input, and one of exactly the limit
  const Value large(std::string(5000, 'x'));
  const Value at_limit(std::string(kInlineLimitBytes - 2, 'y'));
  const core::Record record{
      .sequence = 2,
      .event = core::StepDone{.path = "a", .output = large},
      .decisions = {core::CompleteStep{"a", large}, core::StartStep{.path = "b", .input = at_limit},
                    core::AskPerson{.path = "c", .show = large}, core::OpenGraph{"d", large}}};
  // when it is encoded
  std::vector<Blob> blobs;
  v1::Record message;
  Encode(record, "t", &blobs, message);
  // then the large one is named by its digest, both times the same
  ASSERT_EQ(blobs.size(), 4u);
  EXPECT_EQ(blobs[0].sha256, blobs[1].sha256);
  EXPECT_EQ(message.event().step_done().output().sha256(), blobs[0].sha256);
  EXPECT_TRUE(message.decisions(1).start_step().input().has_json());
  EXPECT_LT(message.ByteSizeLong(), 4700u);
  // and both ways of reading give it back
  const std::map<std::string, std::string> store{{blobs[0].sha256, blobs[0].json}};
  const BlobSource source = [&](const std::string& sha256) -> Result<std::string> { return store.at(sha256); };
  const Result<core::Record> back = Decode(message, source);
  ASSERT_TRUE(back);
  EXPECT_TRUE(*back == record);
  ASSERT_TRUE(PutBack(message, source));
  EXPECT_EQ(message.event().step_done().output().json(), Dump(large));
  EXPECT_EQ(message.decisions(0).complete_step().output().json(), Dump(large));
  EXPECT_EQ(message.decisions(2).ask_person().show().json(), Dump(large));
  EXPECT_EQ(message.decisions(3).open_graph().input().json(), Dump(large));
}

TEST(Codec, RefusesWhatItDoesNotKnow) {
  // given records with no event, no payload, and a lost payload
  v1::Record no_event;
  v1::Record no_payload;
  no_payload.mutable_event()->mutable_step_done()->set_path("a");
  v1::Record lost;
  lost.mutable_event()->mutable_step_done()->mutable_output()->set_sha256("00");
  const BlobSource none = [](const std::string&) -> Result<std::string> {
    return Error{Code::kDataLoss, "no such payload"};
  };
  // when they are read, then each is an error and not a guess
  for (const v1::Record* record : {&no_event, &no_payload, &lost}) {
    const Result<core::Record> back = Decode(*record, none);
    ASSERT_FALSE(back);
    EXPECT_EQ(back.error().code, Code::kDataLoss);
  }
}

TEST(Codec, KnowsTheRecordThatEndsATask) {
  v1::Record record;
  Encode({.sequence = 1, .event = core::DeadlinePassed{}, .decisions = {core::SkipStep{"a"}}}, "t", nullptr, record);
  EXPECT_FALSE(EndsTask(record));
  Encode({.sequence = 1, .event = core::DeadlinePassed{}, .decisions = {core::FailTask{}}}, "t", nullptr, record);
  EXPECT_TRUE(EndsTask(record));
}

}  // namespace
}  // namespace troupe::journal
