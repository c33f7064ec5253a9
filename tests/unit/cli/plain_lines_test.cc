#include "router/cli/plain_lines.h"

#include <gtest/gtest.h>

#include "tests/unit/cli/records.h"

namespace troupe::cli {
namespace {

using Lines = std::vector<std::string>;

class Plain : public testing::Test {
 protected:
  Lines Next(const v1::Record& record) {
    view_.Fold(record);
    return plain_.Next(view_, record);
  }
  Script script_;
  TaskView view_;
  PlainLines plain_;
};

TEST_F(Plain, OneLineForEachEventWithTheTimeSinceTheStart) {
  EXPECT_EQ(Next(script_.Accepted()), (Lines{"    0.000s  task task-1 accepted by help-desk"}));
  v1::Record& started = script_.At(12);
  Start(started, "parts", "reader");
  EXPECT_EQ(Next(started), (Lines{"    0.012s  parts: to reader"}));
  v1::Record& done = script_.At(512);
  Done(done, "parts", "reader-0", 3);
  Open(done, "handle", 0, 1, R"({"skill":"returns","text":"money back"})");
  EXPECT_EQ(Next(done), (Lines{"    0.512s  parts: done by reader-0 in 0.5 s, 3 tokens",
                               "    0.512s  handle[0]: returns: money back"}));
  v1::Record& finished = script_.At(2000);
  Complete(finished, "handle[0]");
  Finish(finished, "\"ok\"");
  EXPECT_EQ(Next(finished), (Lines{"    2.000s  handle[0]: done", "    2.000s  task done in 2.0 s, 3 tokens"}));
}

TEST_F(Plain, AStepThatAsksSaysWhatAndWhichCommandDecidesIt) {
  Next(script_.Accepted());
  v1::Record& asked = script_.At(12);
  Ask(asked, "ok[0].sign", "send it?\x1b[2J");
  EXPECT_EQ(Next(asked), (Lines{"    0.012s  ok[0].sign: waits for a person: send it?␛[2J",
                                "    0.012s  ok[0].sign: troupe decide task-1 'ok[0].sign' --approve # or --reject"}));
  v1::Record& decided = script_.At(512);
  Decided(decided, "ok[0].sign", true, "ann", "fine");
  Complete(decided, "ok[0].sign");
  EXPECT_EQ(Next(decided), (Lines{"    0.512s  ok[0].sign: approved by ann: fine"}));
}

TEST_F(Plain, AStudentThatIsUnsureIsFollowedByItsTeacherOrStands) {
  // given a teacher that is asked
  Next(script_.Accepted());
  v1::Record& unsure = script_.At(100);
  Done(unsure, "route", "small-0", 0);
  AskTeacher(unsure, "route");
  Start(unsure, "route", "expert", 2);
  EXPECT_EQ(Next(unsure), (Lines{"    0.100s  route: done by small-0 in 0 ms",
                                 "    0.100s  route: unsure (0.43, less than 0.80): expert is asked",
                                 "    0.100s  route: to expert (try 2)"}));
  EXPECT_EQ(view_.Find("route")->state, v1::STEP_STATE_RUNNING);
  EXPECT_EQ(view_.Find("route")->ended_ms, 0);
  // when it fails
  v1::Record& failed = script_.At(200);
  Failed(failed, "route", "gone", 2);
  Complete(failed, "route");
  EXPECT_EQ(Next(failed), (Lines{"    0.200s  route: try 2 failed on writer-0: gone",
                                 "    0.200s  route: done, by the student's answer"}));
  // and one that is not asked
  v1::Record& refused = script_.At(300);
  Done(refused, "other", "small-0", 0);
  AskTeacher(refused, "other", "teacher expert has no room");
  EXPECT_EQ(Next(refused).back(),
            "    0.300s  other: unsure (0.43, less than 0.80): its answer stands, as teacher expert has no room");
  EXPECT_EQ(view_.Find("other")->state, v1::STEP_STATE_DONE);
}

TEST_F(Plain, AStudentThatIsCheckedIsNotCalledUnsure) {
  Next(script_.Accepted());
  v1::Record& checked = script_.At(100);
  Done(checked, "route", "small-0", 0);
  AskTeacher(checked, "route");
  auto& ask = *checked.mutable_decisions(0)->mutable_ask_teacher();
  ask.set_confidence(0.9);
  ask.set_spot_check(true);
  EXPECT_EQ(Next(checked).back(),
            "    0.100s  route: sure (0.90, not less than 0.80): expert is asked as a spot check");
}

TEST_F(Plain, TheCommandThatDecidesNamesTheRouterWhereItIsNotTheUsualOne) {
  plain_ = PlainLines("unix:/tmp/one of mine.sock");
  Next(script_.Accepted());
  v1::Record& asked = script_.At(12);
  Ask(asked, "sign", "send it?");
  EXPECT_EQ(
      Next(asked).back(),
      "    0.012s  sign: troupe decide task-1 'sign' --router 'unix:/tmp/one of mine.sock' --approve # or --reject");
}

TEST_F(Plain, StreamedTextComesInWholeLines) {
  Next(script_.Accepted());
  v1::Record& first = script_.At(100);
  Progress(first, "reply", "Dear customer,", 3);
  EXPECT_EQ(Next(first), Lines{});
  v1::Record& second = script_.At(200);
  Progress(second, "reply", " hello\nwe are", 6);
  EXPECT_EQ(Next(second), (Lines{"    0.200s  reply | Dear customer, hello"}));
  v1::Record& done = script_.At(300);
  Done(done, "reply", "writer-0", 7);
  EXPECT_EQ(Next(done)[0], "    0.300s  reply | we are");
}

TEST_F(Plain, LongTextIsBrokenAtABlankAndNothingIsLost) {
  Next(script_.Accepted());
  std::string text;
  for (int i = 0; i < 60; ++i) text += "word" + std::to_string(i) + " ";
  v1::Record& progress = script_.At(1);
  Progress(progress, "reply", text, 60);
  Lines lines = Next(progress);
  v1::Record& done = script_.At(2);
  Done(done, "reply", "writer-0", 60);
  for (const std::string& line : Next(done)) lines.push_back(line);
  std::string joined;
  for (const std::string& line : lines) {
    if (const size_t bar = line.find(" | "); bar != std::string::npos) joined += line.substr(bar + 3) + " ";
  }
  EXPECT_EQ(joined, text);
}

TEST_F(Plain, FailuresSayWhereAndWhy) {
  Next(script_.Accepted());
  v1::Record& failed = script_.At(50);
  Failed(failed, "reply", "agent \x1b[31mwent away");
  Start(failed, "reply", "writer", 2);
  EXPECT_EQ(Next(failed), (Lines{"    0.050s  reply: try 1 failed on writer-0: agent ␛[31mwent away",
                                 "    0.050s  reply: to writer (try 2)"}));
  v1::Record& ended = script_.At(60);
  auto* fail = ended.add_decisions()->mutable_fail_task();
  fail->set_code(14);
  fail->set_path("reply");
  fail->set_message("agent went away");
  EXPECT_EQ(Next(ended), (Lines{"    0.060s  task failed at reply: agent went away"}));
}

}  // namespace
}  // namespace troupe::cli
