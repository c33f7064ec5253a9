#include "router/cli/screen.h"

#include <gtest/gtest.h>

#include "router/cli/text_width.h"
#include "tests/unit/cli/records.h"

namespace troupe::cli {
namespace {

using Lines = std::vector<std::string>;

const ScreenStyle kPlain{.width = 80, .height = 24, .colour = false, .unicode = true, .router = ""};

class Screen : public testing::Test {
 protected:
  Screen() { view_.Fold(script_.Accepted()); }
  Lines Live(const ScreenStyle& style, int64_t at_ms) {
    return RenderScreen(view_, kStartMs + at_ms, 0, style, Moment::kLive);
  }

  // Two parts: the first one is done, the second one is being answered.
  void HelpDeskInTheMiddle() {
    v1::Record& parts = script_.At(120);
    Start(parts, "parts", "reader");
    view_.Fold(parts);
    v1::Record& opened = script_.At(320);
    Done(opened, "parts", "reader-0", 0);
    Open(opened, "handle", 0, 2, R"({"skill":"delivery","text":"Where is order 3312?"})");
    Open(opened, "handle", 1, 2, R"({"skill":"returns","text":"I want my money back"})");
    Start(opened, "handle[0].draft", "writer");
    Start(opened, "handle[1].draft", "writer");
    view_.Fold(opened);
    v1::Record& first = script_.At(1320);
    Done(first, "handle[0].draft", "writer-0", 21);
    Complete(first, "handle[0]");
    view_.Fold(first);
    v1::Record& second = script_.At(1400);
    Progress(second, "handle[1].draft", "Dear customer,\nwe are sorry", 6);
    view_.Fold(second);
  }

  Script script_;
  TaskView view_;
};

TEST_F(Screen, ShowsStepsWithAgentTimeTokensAndTheTextUnderTheOneAtWork) {
  HelpDeskInTheMiddle();
  EXPECT_EQ(Live(kPlain, 2320), (Lines{
                                    "help-desk  running  2.3 s  27 tokens  task-1",
                                    "✓ parts                                     reader-0           0.2 s",
                                    "⠋ handle  1/2                                                  2.0 s",
                                    "  ✓ [0]  delivery: Where is order 3312?                        1.0 s",
                                    "  ⠋ [1]  returns: I want my money back                         2.0 s",
                                    "    ⠋ draft                                 writer             2.0 s       6 tok",
                                    "      Dear customer, we are sorry",
                                }));
}

TEST_F(Screen, AQuestionToAPersonStandsUnderItsStepWithTheCommandThatAnswers) {
  v1::Record& asked = script_.At(100);
  Ask(asked, "ok", "send it?");
  view_.Fold(asked);
  EXPECT_EQ(Live(kPlain, 2100), (Lines{
                                    "help-desk  running  2.1 s  task-1",
                                    "? ok                                                           2.0 s",
                                    "  send it?",
                                    "  troupe decide task-1 'ok' --approve # or --reject",
                                }));
  v1::Record& decided = script_.At(2600);
  Decided(decided, "ok", false, "bob", "too dear");
  Complete(decided, "ok");
  view_.Fold(decided);
  EXPECT_EQ(Live(kPlain, 2700)[1], "✓ ok  rejected by bob: too dear                                2.5 s");
}

TEST_F(Screen, NoLineIsWiderThanTheTerminal) {
  HelpDeskInTheMiddle();
  for (int width = 16; width < 120; ++width) {
    ScreenStyle style = kPlain;
    style.width = width;
    for (const std::string& line : Live(style, 2320)) {
      EXPECT_LE(DisplayWidth(line), width) << "width " << width << ": " << line;
    }
  }
}

TEST_F(Screen, ANarrowTerminalLosesColumnsFromTheRight) {
  HelpDeskInTheMiddle();
  ScreenStyle style = kPlain;
  style.width = 30;
  EXPECT_EQ(Live(style, 2320)[1], "✓ parts");
  style.width = 40;
  EXPECT_EQ(Live(style, 2320)[1], "✓ parts                            0.2 s");
}

TEST_F(Screen, ALowTerminalKeepsTheHeaderAndTheNewestLines) {
  HelpDeskInTheMiddle();
  ScreenStyle style = kPlain;
  style.height = 5;
  const Lines lines = Live(style, 2320);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_TRUE(lines[0].starts_with("help-desk"));
  EXPECT_EQ(lines[1], "  … 4 lines above");
  EXPECT_EQ(lines[3], "      Dear customer, we are sorry");
}

TEST_F(Screen, TheFinalScreenUnfoldsFinishedRounds) {
  HelpDeskInTheMiddle();
  const Lines lines = RenderScreen(view_, kStartMs + 2320, 0, kPlain, Moment::kFinal);
  EXPECT_EQ(lines[4], "    ✓ draft                                 writer-0           1.0 s      21 tok");
}

TEST_F(Screen, WhatAModelWroteCannotSteerTheTerminal) {
  // given streamed text, an item and an error message full of escape sequences
  v1::Record& opened = script_.At(1);
  Open(opened, "handle", 0, 1, R"({"text":"\u001b[2J\u009b31m"})");
  Start(opened, "handle[0].draft", "writer");
  view_.Fold(opened);
  v1::Record& progress = script_.At(2);
  Progress(progress, "handle[0].draft", "\x1b]0;owned\x07", 1);
  view_.Fold(progress);
  v1::Record& failed = script_.At(3);
  Failed(failed, "handle[0].draft", "bad \x1b[31m");
  view_.Fold(failed);
  // when / then no escape character is left
  for (const std::string& line : Live(kPlain, 5)) {
    EXPECT_EQ(line.find('\x1b'), std::string::npos) << line;
    EXPECT_EQ(line.find('\x07'), std::string::npos) << line;
    EXPECT_EQ(line.find("\xC2\x9B"), std::string::npos) << line;
  }
}

TEST_F(Screen, AFailedStepShowsItsReasonAndThatTheTaskGoesOn) {
  v1::Record& started = script_.At(1);
  Start(started, "facts", "clerk");
  view_.Fold(started);
  v1::Record& failed = script_.At(500);
  Failed(failed, "facts", "no JSON came back");
  auto* fail = failed.add_decisions()->mutable_fail_step();
  fail->set_path("facts");
  fail->set_message("no JSON came back");
  fail->set_tolerated(true);
  view_.Fold(failed);
  const Lines lines = Live(kPlain, 600);
  EXPECT_EQ(lines[1], "✗ facts                                     writer-0           0.5 s");
  EXPECT_EQ(lines[2], "  no JSON came back (going on without it)");
}

TEST_F(Screen, AsciiTerminalsGetAsciiGlyphsAndColoursOnlyWhereWelcome) {
  HelpDeskInTheMiddle();
  ScreenStyle style = kPlain;
  style.unicode = false;
  EXPECT_TRUE(Live(style, 2320)[1].starts_with("+ parts"));
  style.colour = true;
  EXPECT_TRUE(Live(style, 2320)[1].starts_with("\x1b[32m+\x1b[0m parts"));
}

TEST(AnswerText, PrefersText) {
  EXPECT_EQ(AnswerText("hello"), "hello");
  EXPECT_EQ(AnswerText(Value{{"text", "hello"}, {"parts", Value::array()}}), "hello");
  EXPECT_EQ(AnswerText(Value{{"n", 1}}), "{\n  \"n\": 1\n}");
  EXPECT_EQ(AnswerText(nullptr), "");
}

}  // namespace
}  // namespace troupe::cli
