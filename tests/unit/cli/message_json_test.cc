#include "router/cli/message_json.h"

#include <gtest/gtest.h>

#include "troupe/v1/task.pb.h"

namespace troupe::cli {
namespace {

TEST(ToJson, PayloadsStandInPlaceAndEnumsAreWords) {
  // given
  v1::GetResponse response;
  v1::Task& task = *response.mutable_task();
  task.set_task_id("t");
  task.set_state(v1::TASK_STATE_RUNNING);
  task.set_input_json(R"({"message":"hi"})");
  task.set_accepted_ms(1'700'000'000'000);
  (*task.mutable_labels())["customer"] = "42";
  response.add_steps()->set_state(v1::STEP_STATE_SKIPPED);
  // when
  const Value json = ToJson(response);
  // then
  EXPECT_EQ(json["task"]["input"], (Value{{"message", "hi"}}));
  EXPECT_EQ(json["task"]["output"], nullptr);
  EXPECT_EQ(json["task"]["state"], "running");
  EXPECT_EQ(json["task"]["accepted_ms"], 1'700'000'000'000);
  EXPECT_EQ(json["task"]["labels"]["customer"], "42");
  EXPECT_EQ(json["steps"][0]["state"], "skipped");
  EXPECT_FALSE(json["task"].contains("usage"));
}

TEST(ToJson, AnEventShowsOnlyWhatHappened) {
  v1::Record record;
  record.set_sequence(7);
  record.mutable_event()->mutable_step_done()->set_path("reply");
  record.mutable_event()->mutable_step_done()->mutable_output()->set_json("[1,2]");
  const Value json = ToJson(record);
  EXPECT_EQ(json["event"].size(), 1u);
  EXPECT_EQ(json["event"]["step_done"]["output"], (Value{1, 2}));
}

}  // namespace
}  // namespace troupe::cli
