#include "router/rehearsal/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/rehearsal/shop.h"

namespace troupe::rehearsal {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

void AddStep(v1::GetResponse& task, const std::string& path, v1::StepState state, const std::string& agent = "",
             int attempts = 0, const std::string& output = "") {
  v1::Step& step = *task.add_steps();
  step.set_path(path);
  step.set_state(state);
  step.set_output_json(output);
  for (int i = 0; i < attempts; ++i) step.add_attempts()->set_agent(agent);
}

// A message with two parts, the second of which could not be answered.
v1::GetResponse Ended() {
  v1::GetResponse task;
  task.mutable_task()->set_state(v1::TASK_STATE_DONE);
  task.mutable_task()->set_output_json(R"({"answers":[{"answer":"on its way","label":"ok"},null]})");
  task.mutable_task()->set_accepted_ms(1'000);
  task.mutable_task()->set_ended_ms(1'250);
  task.mutable_task()->mutable_usage()->set_generated_tokens(12);
  AddStep(task, "parts", v1::STEP_STATE_DONE, "reader", 1,
          R"([{"index":0,"score":1,"skill":"late","text":"a"},{"index":1,"score":1,"skill":"refund","text":"b"}])");
  AddStep(task, "handle", v1::STEP_STATE_DONE);
  AddStep(task, "handle[0].draft", v1::STEP_STATE_DONE, "writer", 2);
  AddStep(task, "handle[0].check", v1::STEP_STATE_DONE, "judge", 1);
  AddStep(task, "handle[1].draft", v1::STEP_STATE_FAILED, "writer", 2);
  AddStep(task, "handle[1].check", v1::STEP_STATE_SKIPPED);
  return task;
}

// What differs where a case expects this; "what: expected / got".
std::vector<std::string> Differences(const std::string& expect, const v1::GetResponse& task = Ended()) {
  kind::Findings findings;
  const Suite suite = ReadSuite(
      "apiVersion: troupe.dev/v1\nkind: GraphTest\ncases:\n- name: x\n  input: {message: y}\n"
      "  expect: " +
          expect + "\n",
      "t.yaml", *Shop().graph, findings);
  EXPECT_FALSE(findings.HasErrors()) << graph::ToString(findings.Take());
  std::vector<std::string> lines;
  for (const Difference& d : Compare(suite.cases.at(0).expected, task)) {
    lines.push_back(d.what + ": " + d.expected + " / " + d.got);
    EXPECT_EQ(d.position.file, "t.yaml");
    EXPECT_GT(d.position.line, 0);
  }
  return lines;
}

TEST(CompareTest, NothingDiffersWhereAllHolds) {
  EXPECT_THAT(Differences("{state: done}"), IsEmpty());
  EXPECT_THAT(Differences(R"({route: {run: [parts, "handle[0].draft", "handle[0].check"], skipped: ["handle[1].check"],
      failed: ["handle[1].draft"], notRun: ["handle[2].draft", "handle[1].check"],
      attempts: {"handle[*].draft": 2}, calls: {writer: 4, judge: 1}, skills: [late, refund]}})"),
              IsEmpty());
  EXPECT_THAT(
      Differences(R"({output: [{contains: on its way}, {at: "answers[0]", equals: {answer: on its way, label: ok}},
      {at: "answers[*].label", matches: "^o"}, {at: "answers[1]", equals: null}]})"),
      IsEmpty());
  EXPECT_THAT(Differences("{cost: {calls: 6, tokens: 12, time: 250ms}}"), IsEmpty());
}

TEST(CompareTest, TheRouteIsToldByStep) {
  EXPECT_THAT(Differences("{route: {run: [\"handle[*].draft\"]}}"), ElementsAre("step handle[1].draft: done / failed"));
  EXPECT_THAT(Differences("{route: {run: [\"handle[7].draft\"]}}"),
              ElementsAre("step handle[7].draft: done / never reached"));
  EXPECT_THAT(Differences("{route: {skipped: [\"handle[0].check\"], notRun: [parts]}}"),
              ElementsAre("step handle[0].check: skipped / done", "step parts: not run / done"));
  EXPECT_THAT(Differences("{route: {attempts: {\"handle[0].draft\": 1}, calls: {judge: 2}}}"),
              ElementsAre("attempts at handle[0].draft: 1 / 2", "calls of judge: 2 / 1"));
  EXPECT_THAT(Differences("{route: {skills: [refund, late]}}"),
              ElementsAre("skills of the parts: refund, late / late, refund"));
}

TEST(CompareTest, TheOutputIsToldByPlace) {
  EXPECT_THAT(Differences("{output: {at: \"answers[0].answer\", equals: lost}}"),
              ElementsAre("output answers[0].answer: lost / on its way"));
  EXPECT_THAT(Differences("{output: {at: \"answers[5]\", contains: x}}"),
              ElementsAre("output answers[5]: contains x / nothing there"));
  EXPECT_THAT(Differences("{output: {at: \"answers[*].label\", matches: \"^bad$\"}}"),
              ElementsAre("output answers[*].label: matches ^bad$ / ok"));
}

TEST(CompareTest, CostsAreCeilings) {
  EXPECT_THAT(
      Differences("{cost: {calls: 5, tokens: 11, time: 249ms}}"),
      ElementsAre("calls: at most 5 / 6", "generated tokens: at most 11 / 12", "time: at most 249 ms / 250 ms"));
}

TEST(CompareTest, AFailureSaysWhy) {
  v1::GetResponse task = Ended();
  task.mutable_task()->set_state(v1::TASK_STATE_FAILED);
  task.mutable_task()->set_error_code(14);
  task.mutable_task()->set_error_message("it broke");
  task.mutable_task()->set_error_path("handle[1].draft");
  EXPECT_THAT(Differences("{}", task), ElementsAre("state: done / failed (handle[1].draft: it broke)"));
  EXPECT_THAT(Differences("{error: {code: UNAVAILABLE, step: \"handle[*].draft\", contains: broke}}", task), IsEmpty());
  EXPECT_THAT(Differences("{error: {code: INTERNAL, step: parts, contains: gone}}", task),
              ElementsAre("error code: INTERNAL / UNAVAILABLE", "step of the error: parts / handle[1].draft",
                          "error message: contains gone / it broke"));
  EXPECT_THAT(Differences("{error: {code: INTERNAL}}"), ElementsAre("state: failed / done"));
}

}  // namespace
}  // namespace troupe::rehearsal
