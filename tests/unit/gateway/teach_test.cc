// A student that is unsure, and its teacher, through the whole router.
#include <gmock/gmock.h>

#include "router/lessons/lesson_file.h"
#include "tests/support/temp_folder.h"
#include "tests/unit/gateway/harness.h"

namespace troupe::gateway {
namespace {

using testing::HasSubstr;

// `first` is the student, `second` the teacher.
constexpr char kTaught[] = R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: pair}
spec:
  input: {text: string}
  agents:
    first: {kind: scripted, echo: true}
    second: {kind: scripted, echo: true}
  steps:
    one: {agent: first, teach: {agent: second, below: 0.8, timeout: 10s}, input: {text: "{{ input.text }}"}}
  output: "{{ steps.one.label }}"
)";

class TeachTest : public RouterTest {
 protected:
  TeachTest() { std::ofstream(folder_ / "pair.yaml") << kTaught; }

  static std::function<void(const FakeAgent::WorkPtr&)> Say(const std::string& label, double score) {
    return
        [label, score](const FakeAgent::WorkPtr& work) { work->Done(Dump(Value{{"label", label}, {"score", score}})); };
  }
  // The graph with that in place of the step's input, and more in its `teach`.
  void UseGraph(const std::string& field, const std::string& more) {
    std::string yaml = kTaught;
    yaml.replace(yaml.find("timeout: 10s"), 12, "timeout: 10s" + more);
    yaml.replace(yaml.find("{text: string}"), 14, "{text: string, who: {type: string, default: ann, private: true}}");
    yaml.replace(yaml.find("{{ input.text }}"), 16, "{{ " + field + " }}");
    std::ofstream(folder_ / "pair.yaml") << yaml;
  }
  // What the router has kept, once it has stopped.
  std::vector<lessons::Lesson> Lessons() {
    router_.reset();
    std::vector<lessons::Lesson> kept;
    Result<lessons::LessonFile> file = lessons::LessonFile::OpenToRead(folder_ / "data" / lessons::kFileName);
    if (!file) return kept;
    const auto rows = file->Read("pair", "one", 0, 100);
    EXPECT_TRUE(rows) << rows.error().message;
    for (const auto& row : *rows) kept.push_back(row.lesson);
    return kept;
  }
  v1::GetResponse Ended(const std::string& task_id) {
    Watch(task_id);
    return Get(task_id);
  }
};

TEST_F(TeachTest, TheTeachersAnswerIsServedAndTheTaskSaysWhoSaidWhat) {
  // given a student that is unsure
  FakeAgent student("first", Socket("first-0"), Say("bill", 0.5));
  FakeAgent teacher("second", Socket("second-0"), Say("card", 0.4));
  StartRouter();
  // when
  const v1::GetResponse got = Ended(MustSubmit());
  // then
  EXPECT_EQ(got.task().output_json(), "\"card\"") << got.task().error_message();
  ASSERT_EQ(got.steps_size(), 1);
  const v1::Step& step = got.steps(0);
  ASSERT_EQ(step.attempts_size(), 2);
  EXPECT_EQ(step.attempts(0).agent(), "first");
  EXPECT_EQ(step.attempts(1).agent(), "second");
  EXPECT_EQ(step.attempts(1).input_json(), step.attempts(0).input_json());
  EXPECT_EQ(step.doubt().attempt(), 1);
  EXPECT_EQ(step.doubt().teacher(), "second");
  EXPECT_EQ(step.doubt().confidence(), 0.5);
  EXPECT_EQ(step.doubt().below(), 0.8);
  EXPECT_EQ(step.doubt().output_json(), R"({"label":"bill","score":0.5})");
}

TEST_F(TeachTest, WhoIsSureIsNotAskedTwice) {
  FakeAgent student("first", Socket("first-0"), Say("bill", 0.9));
  FakeAgent teacher("second", Socket("second-0"), Say("card", 0.4));
  StartRouter();
  const v1::GetResponse got = Ended(MustSubmit());
  EXPECT_EQ(got.task().output_json(), "\"bill\"");
  EXPECT_FALSE(got.steps(0).has_doubt());
  EXPECT_EQ(teacher.started(), 0);
}

TEST_F(TeachTest, WhereTheTeacherFailsTheStudentsAnswerIsServed) {
  // given
  FakeAgent student("first", Socket("first-0"), Say("bill", 0.5));
  FakeAgent teacher("second", Socket("second-0"),
                    [](const FakeAgent::WorkPtr& work) { work->Fail(Code::kInternal, "out of chalk"); });
  StartRouter();
  // when
  const v1::GetResponse got = Ended(MustSubmit());
  // then
  EXPECT_EQ(got.task().state(), v1::TASK_STATE_DONE);
  EXPECT_EQ(got.task().output_json(), "\"bill\"");
  EXPECT_THAT(got.steps(0).attempts(1).error_message(), HasSubstr("out of chalk"));
}

TEST_F(TeachTest, WhereTheTeacherIsAwayTheStudentsAnswerIsServedAfterTheTeachersTimeout) {
  // given nobody in the teacher's place
  UseGraph("input.text", "");
  std::string yaml = ReadAll(folder_ / "pair.yaml");
  yaml.replace(yaml.find("timeout: 10s"), 12, "timeout: 50ms");
  std::ofstream(folder_ / "pair.yaml") << yaml;
  FakeAgent student("first", Socket("first-0"), Say("bill", 0.5));
  StartRouter();
  // when
  const v1::GetResponse got = Ended(MustSubmit());
  // then
  EXPECT_EQ(got.task().output_json(), "\"bill\"") << got.task().error_message();
  ASSERT_EQ(got.steps(0).attempts_size(), 2);
  EXPECT_NE(got.steps(0).attempts(1).error_code(), 0);
}

TEST_F(TeachTest, ASpotCheckIsServedAndKeptAndSaysThatItIsOne) {
  // given a student that is sure, and checked each time
  UseGraph("input.text", ", check: 100%");
  FakeAgent student("first", Socket("first-0"), Say("bill", 0.9));
  FakeAgent teacher("second", Socket("second-0"), Say("card", 0.4));
  StartRouter();
  // when
  const v1::GetResponse got = Ended(MustSubmit());
  // then
  EXPECT_EQ(got.task().output_json(), "\"card\"");
  EXPECT_TRUE(got.steps(0).doubt().spot_check());
  EXPECT_EQ(got.steps(0).doubt().confidence(), 0.9);
  const std::vector<lessons::Lesson> kept = Lessons();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].confidence, 0.9);
  EXPECT_EQ(kept[0].student_output["label"], "bill");
}

TEST_F(TeachTest, BothAnswersAreKeptToLearnFrom) {
  // given
  FakeAgent student("first", Socket("first-0"), Say("bill", 0.5));
  FakeAgent teacher("second", Socket("second-0"), Say("card", 0.4));
  StartRouter();
  // when
  const std::string task_id = MustSubmit();
  const v1::GetResponse got = Ended(task_id);
  // then
  const std::vector<lessons::Lesson> kept = Lessons();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0], (lessons::Lesson{.task_id = task_id,
                                      .path = "one",
                                      .time_ms = kept[0].time_ms,
                                      .graph = "pair",
                                      .version = got.task().graph_version(),
                                      .step = "one",
                                      .input = {{"text", "hello"}},
                                      .student = "first",
                                      .student_output = {{"label", "bill"}, {"score", 0.5}},
                                      .confidence = 0.5,
                                      .teacher = "second",
                                      .teacher_output = {{"label", "card"}, {"score", 0.4}}}));
}

TEST_F(TeachTest, WhatDependsOnWhatIsPrivateIsKeptOnlyWhereTheGraphSaysSo) {
  const std::pair<std::pair<const char*, const char*>, size_t> cases[] = {{{"input.text", ""}, 1},
                                                                          {{"input.who", ""}, 0},
                                                                          {{"input.who", ", keepPrivate: true"}, 1},
                                                                          {{"input.text", ", keep: false"}, 0}};
  size_t expected = 0;
  for (const auto& [graph, count] : cases) {
    UseGraph(graph.first, graph.second);
    FakeAgent student("first", Socket("first-0"), Say("bill", 0.5));
    FakeAgent teacher("second", Socket("second-0"), Say("card", 0.4));
    StartRouter();
    Ended(MustSubmit());
    expected += count;
    EXPECT_EQ(Lessons().size(), expected) << graph.first << graph.second;
  }
}

TEST_F(TeachTest, NothingIsKeptOfATeacherThatFails) {
  FakeAgent student("first", Socket("first-0"), Say("bill", 0.5));
  FakeAgent teacher("second", Socket("second-0"),
                    [](const FakeAgent::WorkPtr& work) { work->Fail(Code::kInternal, "out of chalk"); });
  StartRouter();
  Ended(MustSubmit());
  EXPECT_TRUE(Lessons().empty());
}

TEST_F(TeachTest, ARouterThatStopsWhileTheTeacherIsAtWorkGoesOnWithIt) {
  // given a teacher that is at work
  FakeAgent student("first", Socket("first-0"), Say("bill", 0.5));
  FakeAgent teacher("second", Socket("second-0"));
  StartRouter();
  const std::string task_id = MustSubmit();
  ASSERT_NE(teacher.Next(), nullptr);
  // when the router starts again
  router_.reset();
  StartRouter();
  const FakeAgent::WorkPtr again = teacher.Next();
  ASSERT_NE(again, nullptr);
  again->Done(R"({"label":"card","score":1})");
  // then nobody asks the student once more
  const v1::GetResponse got = Ended(task_id);
  EXPECT_EQ(got.task().output_json(), "\"card\"");
  EXPECT_EQ(student.started(), 1);
}

}  // namespace
}  // namespace troupe::gateway
