#include "router/cli/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli/records.h"

namespace troupe::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ReplayTest : public ::testing::Test {
 protected:
  v1::Record Accepted() {
    v1::Record record = script_.Accepted();
    record.mutable_event()->mutable_accepted()->mutable_input()->set_json(R"({"question":"why"})");
    Start(record, "answer", "writer");
    record.mutable_decisions(0)->mutable_start_step()->mutable_input()->set_json(R"({"prompt":"why"})");
    return record;
  }
  v1::Record Said(const std::string& text) {
    v1::Record record = script_.At(100);
    Progress(record, "answer", text, 2);
    return record;
  }
  v1::Record Ended() {
    v1::Record record = script_.At(250);
    Done(record, "answer", "writer-0", 5);
    record.mutable_event()->mutable_step_done()->mutable_output()->set_json(R"({"text":"because"})");
    Finish(record, R"("because")");
    return record;
  }

  Script script_;
  Replay replay_;
};

TEST_F(ReplayTest, TellsWhatHappenedWhatWasDecidedAndWhatThatChanged) {
  // when
  const auto accepted = replay_.Next(Accepted());
  const auto said = replay_.Next(Said("be"));
  const auto ended = replay_.Next(Ended());
  // then
  ASSERT_TRUE(accepted && said && ended);
  EXPECT_THAT(RenderFrame(*accepted, kStartMs),
              ElementsAre("    1     0.000s  the task was taken in by help-desk: {\"question\":\"why\"}",
                          "        decided    start answer at writer: {\"prompt\":\"why\"}",
                          "        changed    answer: state running", "        changed    answer: attempts 0 -> 1"));
  EXPECT_THAT(RenderFrame(*said, kStartMs),
              ElementsAre("    2     0.100s  answer said: be", "        changed    answer: text be"));
  EXPECT_THAT(
      RenderFrame(*ended, kStartMs),
      ElementsAre("    3     0.250s  answer came back from writer-0: {\"text\":\"because\"}",
                  "        decided    finish the task: because", "        changed    task: state running -> done",
                  "        changed    task: generated_tokens 0 -> 5", "        changed    task: output because",
                  "        changed    answer: state running -> done", "        changed    answer: text be -> ",
                  "        changed    answer: output {\"text\":\"because\"}"));
}

TEST_F(ReplayTest, AsJsonARecordComesWithItsChanges) {
  // when
  const auto frame = replay_.Next(Accepted());
  // then
  ASSERT_TRUE(frame);
  const Value json = ToJson(*frame);
  EXPECT_EQ(json["sequence"], 1);
  EXPECT_EQ(json["event"]["accepted"]["graph"], "help-desk");
  EXPECT_EQ(json["changed"][0],
            Value({{"path", "answer"}, {"field", "state"}, {"before", nullptr}, {"after", "running"}}));
}

TEST_F(ReplayTest, TheStateHasEveryStepWithItsAttempts) {
  // given
  ASSERT_TRUE(replay_.Next(Accepted()));
  ASSERT_TRUE(replay_.Next(Said("be")));
  // when
  const Value state = ToJson(replay_.state());
  // then
  EXPECT_EQ(state["state"], "running");
  EXPECT_EQ(state["steps"][0]["path"], "answer");
  EXPECT_EQ(state["steps"][0]["text"], "be");
  EXPECT_EQ(state["steps"][0]["attempts"][0]["input"], Value({{"prompt", "why"}}));
  EXPECT_THAT(RenderState(replay_.state()), ::testing::Contains("  try 1 at writer, under way: {\"prompt\":\"why\"}"));
}

TEST_F(ReplayTest, ARecordThatDoesNotFollowIsRefused) {
  // given
  ASSERT_TRUE(replay_.Next(Accepted()));
  v1::Record gap = Said("be");
  gap.set_sequence(7);
  // when
  const auto frame = replay_.Next(gap);
  // then
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().code, Code::kDataLoss);
  EXPECT_THAT(frame.error().message, HasSubstr("record 7"));
}

}  // namespace
}  // namespace troupe::cli
