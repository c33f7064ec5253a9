#include "router/cli/task_page.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "router/cli/text_width.h"
#include "tests/unit/cli/records.h"

namespace troupe::cli {
namespace {

v1::GetResponse Answered() {
  v1::GetResponse response;
  v1::Task& task = *response.mutable_task();
  task.set_task_id("task-1");
  task.set_graph("help-desk");
  task.set_graph_version("3fa94cc001122334455");
  task.set_state(v1::TASK_STATE_DONE);
  task.set_accepted_ms(kStartMs);
  task.set_ended_ms(kStartMs + 1300);
  task.set_input_json(R"({"message":"hi"})");
  task.set_output_json(R"({"text":"Dear customer,\nhello."})");
  task.mutable_usage()->set_generated_tokens(21);
  v1::Step& step = *response.add_steps();
  step.set_path("reply");
  step.set_state(v1::STEP_STATE_DONE);
  step.set_output_json(R"({"text":"hello"})");
  v1::Attempt& attempt = *step.add_attempts();
  attempt.set_attempt(1);
  attempt.set_agent("writer");
  attempt.set_input_json(R"({"prompt":"Write.\nNow."})");
  attempt.mutable_site()->set_replica("writer-0");
  attempt.mutable_site()->set_reason("least load (0 of 2)");
  attempt.mutable_site()->set_sent_ms(kStartMs + 100);
  attempt.mutable_site()->set_ended_ms(kStartMs + 1200);
  attempt.mutable_site()->set_queued_us(5000);
  attempt.mutable_usage()->set_generated_tokens(21);
  return response;
}

const ScreenStyle kPlain{.width = 100, .height = 24, .colour = false, .unicode = true, .router = ""};

TEST(TaskPage, SaysThatAStudentWasUnsure) {
  v1::GetResponse response = Answered();
  v1::Doubt& doubt = *response.mutable_steps(0)->mutable_doubt();
  doubt.set_attempt(1);
  doubt.set_teacher("expert");
  doubt.set_confidence(0.25);
  doubt.set_below(0.8);
  const std::vector<std::string> lines = RenderTaskPage(response, kPlain, Prompts::kFirstLine);
  EXPECT_NE(std::find(lines.begin(), lines.end(), "    unsure (0.25, less than 0.80): expert is asked"), lines.end());
}

TEST(TaskPage, SaysWhoDidAStepAndWhy) {
  EXPECT_EQ(RenderTaskPage(Answered(), kPlain, Prompts::kFirstLine),
            (std::vector<std::string>{
                "task task-1",
                "  graph    help-desk (version 3fa94cc00112)",
                "  state    done in 1.3 s",
                "  accepted 2023-11-14 22:13:20 UTC",
                "  cost     wrote 21 tokens",
                "  input    {\"message\":\"hi\"}",
                "",
                "reply  done",
                "    try 1: writer-0 because least load (0 of 2); waited 5 ms; took 1.1 s; wrote 21 tokens",
                "    asked: Write. Now.",
                "",
                "Dear customer,",
                "hello.",
            }));
}

TEST(TaskPage, ShowsPromptsWholeWhenAsked) {
  const auto lines = RenderTaskPage(Answered(), kPlain, Prompts::kWhole);
  const auto has = [&](const std::string& line) { return std::find(lines.begin(), lines.end(), line) != lines.end(); };
  EXPECT_TRUE(has("    │ Write."));
  EXPECT_TRUE(has("    │ Now."));
  EXPECT_TRUE(has("    gave:"));
}

TEST(TaskPage, AStepThatAsksAPersonSaysWhatAndHowToAnswer) {
  v1::GetResponse response = Answered();
  v1::Step& step = *response.add_steps();
  step.set_path("ok");
  step.set_state(v1::STEP_STATE_WAITS_FOR_PERSON);
  v1::Approval& approval = *step.mutable_approval();
  approval.set_path("ok");
  approval.set_ask("send it?");
  approval.set_show_json(R"({"draft":"hi"})");
  approval.set_expires_ms(kStartMs + 1000);
  const auto lines = [&response] {
    const auto all = RenderTaskPage(response, kPlain, Prompts::kFirstLine);
    return std::vector<std::string>(all.begin() + 10, all.end() - 3);
  };
  EXPECT_EQ(lines(), (std::vector<std::string>{
                         "ok  waits for a person",
                         "    asked: send it?",
                         "    shown: hi",
                         "    waits for a person until 2023-11-14 22:13:21 UTC",
                         "    troupe decide task-1 'ok' --approve # or --reject",
                     }));
  step.set_state(v1::STEP_STATE_DONE);
  approval.set_verdict(v1::VERDICT_APPROVE);
  approval.set_by("ann");
  approval.set_decided_ms(kStartMs + 900);
  EXPECT_EQ(lines().back(), "    approved by ann");
}

TEST(TaskPage, AFailedTaskNamesCodeAndStep) {
  v1::GetResponse response = Answered();
  response.mutable_task()->clear_output_json();
  response.mutable_task()->set_state(v1::TASK_STATE_FAILED);
  response.mutable_task()->set_error_code(4);
  response.mutable_task()->set_error_message("took longer than 20 s");
  response.mutable_task()->set_error_path("reply");
  const auto lines = RenderTaskPage(response, kPlain, Prompts::kFirstLine);
  EXPECT_EQ(lines.back(), "failed at reply: DEADLINE_EXCEEDED: took longer than 20 s");
}

TEST(TaskPage, NothingIsWiderThanTheTerminal) {
  for (int width = 24; width < 90; ++width) {
    ScreenStyle style = kPlain;
    style.width = width;
    for (const std::string& line : RenderTaskPage(Answered(), style, Prompts::kWhole)) {
      EXPECT_LE(DisplayWidth(line), width) << line;
    }
  }
}

}  // namespace
}  // namespace troupe::cli
