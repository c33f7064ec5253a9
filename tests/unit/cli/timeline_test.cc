#include "router/cli/timeline.h"

#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"
#include "tests/unit/cli/records.h"

namespace troupe::cli {
namespace {

using State = graph::TimelineRow::State;

// A step that failed once and was stopped at its second try, 400 ms each.
v1::GetResponse TwoTries() {
  v1::GetResponse response;
  response.mutable_task()->set_graph("shop");
  response.mutable_task()->set_accepted_ms(kStartMs);
  response.mutable_task()->set_ended_ms(kStartMs + 1000);
  v1::Step& step = *response.add_steps();
  step.set_path("reply");
  step.set_state(v1::STEP_STATE_STOPPED);
  v1::Attempt& first = *step.add_attempts();
  first.set_attempt(1);
  first.set_agent("writer");
  first.set_decided_ms(kStartMs);
  first.mutable_site()->set_replica("writer-\x1b[31m0");
  first.mutable_site()->set_sent_ms(kStartMs + 10);
  first.mutable_site()->set_ended_ms(kStartMs + 400);
  first.set_error_code(14);
  v1::Attempt& second = *step.add_attempts();
  second.set_attempt(2);
  second.set_agent("writer");
  second.set_decided_ms(kStartMs + 500);
  return response;
}

TEST(Timeline, OneRowForEachAttemptFromSendingToItsEnd) {
  const auto rows = TimelineRows(TwoTries());
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].start_ms, 10);
  EXPECT_EQ(rows[0].end_ms, 400);
  EXPECT_EQ(rows[0].state, State::kFailed);
  EXPECT_EQ(rows[0].replica, "writer-␛[31m0");
  EXPECT_EQ(rows[1].start_ms, 500);
  EXPECT_EQ(rows[1].end_ms, 1000);  // until the task's end
  EXPECT_EQ(rows[1].state, State::kStopped);
  EXPECT_EQ(rows[1].attempt, 2);
}

TEST(Timeline, AStepThatAsksAPersonHasARowToo) {
  v1::GetResponse task = TwoTries();
  v1::Step& step = *task.add_steps();
  step.set_path("ok");
  step.set_state(v1::STEP_STATE_WAITS_FOR_PERSON);
  step.mutable_approval()->set_asked_ms(kStartMs + 600);
  auto rows = TimelineRows(task);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_TRUE(rows[2].by_person);
  EXPECT_EQ(rows[2].replica, "a person");
  EXPECT_EQ(rows[2].start_ms, 600);
  EXPECT_EQ(rows[2].end_ms, 1000);
  EXPECT_EQ(rows[2].state, State::kAsking);
  step.set_state(v1::STEP_STATE_DONE);
  step.mutable_approval()->set_by("ann");
  step.mutable_approval()->set_decided_ms(kStartMs + 900);
  rows = TimelineRows(task);
  EXPECT_EQ(rows[2].replica, "ann");
  EXPECT_EQ(rows[2].end_ms, 900);
}

TEST(Timeline, IsWrittenAsAPicture) {
  const TempFolder folder;
  const std::string path = (folder.path / "timeline.svg").string();
  ASSERT_TRUE(WriteTimeline(TwoTries(), path));
  const std::string svg = ReadAll(path);
  EXPECT_NE(svg.find("<svg"), std::string::npos);
  EXPECT_NE(svg.find("shop"), std::string::npos);
  ASSERT_TRUE(WriteTimeline(v1::GetResponse(), path));  // a task without steps is a picture too
}

TEST(Timeline, AFileThatCannotBeWrittenIsSaid) {
  const auto written = WriteTimeline(v1::GetResponse(), "/no/such/folder/x.svg");
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message.find("/no/such/folder/x.svg"), std::string::npos);
}

}  // namespace
}  // namespace troupe::cli
