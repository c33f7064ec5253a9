#include "router/rehearsal/suite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/rehearsal/shop.h"

namespace troupe::rehearsal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kCases[] = R"(apiVersion: troupe.dev/v1
kind: GraphTest
agents:
  judge: {output: {label: ok}}
cases:
  - name: a late parcel
    input: {message: where is it}
    agents:
      reader: {parts: [{text: where is it, skill: late}]}
      writer:
        - {when: {step: draft, contains: where, attempt: 1}, times: 1, error: {code: UNAVAILABLE, message: busy}}
        - {when: {matches: "^w"}, text: on its way, delay: 20ms}
    timeout: 5s
    expect:
      route:
        run: [parts, "handle[*].draft"]
        skipped: ["handle[0].check"]
        attempts: {"handle[0].draft": 2}
        calls: {writer: 2}
        skills: [late]
      output:
        - {at: "answers[0].answer", equals: on its way}
        - {contains: way}
      cost: {calls: 4, tokens: 10, time: 5s}
  - name: it fails
    input: {message: hm}
    agents: {judge: real}
    expect: {error: {code: INTERNAL, step: "handle[0].draft", contains: broke}}
)";

Suite Read(const std::string& yaml, std::vector<kind::Finding>* findings = nullptr) {
  kind::Findings found;
  Suite suite = ReadSuite(yaml, "shop.test.yaml", *Shop().graph, found);
  const auto list = found.Take("shop.test.yaml");
  if (findings != nullptr) {
    *findings = list;
  } else {
    EXPECT_TRUE(list.empty()) << graph::ToString(list);
  }
  return suite;
}

// The shop, where a person signs each answer off.
Suite ReadSigned(const std::string& decide, std::string* findings = nullptr) {
  std::string yaml = kShop;
  const std::string check = "        check: {agent: judge";
  yaml.insert(yaml.find(check), "        sign_off: {approve: {ask: \"Send {{ steps.draft.text }}?\"}}\n");
  const graph::Parsed parsed = graph::ParseGraph({.yaml = yaml, .file_name = "shop.yaml"});
  EXPECT_TRUE(parsed.graph) << graph::ToString(parsed.findings);
  kind::Findings found;
  Suite suite = ReadSuite(
      "apiVersion: troupe.dev/v1\nkind: GraphTest\ncases:\n  - name: a\n    input: {message: hm}\n    decide: " +
          decide + "\n",
      "shop.test.yaml", *parsed.graph, found);
  const std::string text = graph::ToString(found.Take("shop.test.yaml"));
  if (findings != nullptr) {
    *findings = text;
  } else {
    EXPECT_EQ(text, "");
  }
  return suite;
}

TEST(SuiteTest, ACaseDecidesInPeoplesPlace) {
  const Suite suite = ReadSigned(
      R"({"handle[*].sign_off": {approve: true}, "handle[1].sign_off": {approve: false, by: ann, note: no}})");
  const Case& one = suite.cases.at(0);
  const CaseDecision* any = FindDecision(one, "handle[0].sign_off");
  ASSERT_NE(any, nullptr);
  EXPECT_TRUE(any->approve);
  EXPECT_EQ(any->by, "troupe test");
  // the one round's own entry comes first, wherever it stands
  const CaseDecision* own = FindDecision(one, "handle[1].sign_off");
  ASSERT_NE(own, nullptr);
  EXPECT_FALSE(own->approve);
  EXPECT_EQ(own->by + "/" + own->note, "ann/no");
  EXPECT_EQ(FindDecision(one, "handle[0].check"), nullptr);
}

TEST(SuiteTest, WrongDecisionsAreNamedAtTheirPlace) {
  const std::pair<const char*, const char*> wrong[] = {
      {R"({"handle[0].sign_of": {approve: true}})", "no 'approve' step 'handle[0].sign_of'; did you mean"},
      {R"({"handle[0].draft": {approve: true}})", "no 'approve' step 'handle[0].draft'"},
      {R"({"handle[0].sign_off": {by: ann}})", "write approve: true or approve: false"},
      {R"({"handle[0].sign_off": {approve: perhaps}})", "'approve'"},
      {R"({"handle[0].sign_off": {approve: true, who: ann}})", "'who'"},
      {R"([handle])", "'decide'"},
  };
  for (const auto& [decide, expected] : wrong) {
    std::string findings;
    ReadSigned(decide, &findings);
    EXPECT_THAT(findings, HasSubstr(expected)) << decide;
  }
}

TEST(SuiteTest, ReadsAllThatACaseCanSay) {
  // when
  const Suite suite = Read(kCases);
  // then
  ASSERT_EQ(suite.cases.size(), 2u);
  const Case& late = suite.cases[0];
  EXPECT_EQ(late.name, "a late parcel");
  EXPECT_EQ(late.input, Value({{"message", "where is it"}}));
  EXPECT_EQ(late.timeout_ms, 5'000);
  ASSERT_EQ(late.stand_ins.at("writer").size(), 2u);
  EXPECT_EQ(late.stand_ins.at("writer")[0].error->code, Code::kUnavailable);
  EXPECT_EQ(late.stand_ins.at("writer")[0].times, 1);
  EXPECT_EQ(late.stand_ins.at("writer")[1].delay_ms, 20);
  EXPECT_EQ(late.stand_ins.at("reader")[0].output,
            Value::array({{{"text", "where is it"}, {"skill", "late"}, {"score", 1.0}, {"index", 0}}}));
  EXPECT_EQ(late.expected.run.size(), 2u);
  EXPECT_EQ(late.expected.attempts[0].value.second, 2);
  EXPECT_THAT(late.expected.skills->value, ElementsAre("late"));
  EXPECT_EQ(late.expected.output.size(), 2u);
  EXPECT_EQ(late.expected.cost_time_ms->value, 5'000);
  EXPECT_EQ(late.expected.output[0].position.line, 22);
  EXPECT_EQ(suite.cases[1].expected.state.value, EndState::kFailed);
}

TEST(SuiteTest, StandInsOfTheFileAreForAllCasesUnlessTheAgentIsReal) {
  const Suite suite = Read(kCases);
  EXPECT_TRUE(suite.cases[0].stand_ins.contains("judge"));
  EXPECT_FALSE(suite.cases[1].stand_ins.contains("judge"));
}

TEST(SuiteTest, WhatAnAuthorLeavesOutOfAnOutputIsFilledIn) {
  const Suite suite = Read(kCases);
  // a text is what the kind gives, tokens counted by words
  EXPECT_EQ(suite.cases[0].stand_ins.at("writer")[1].output,
            Value({{"text", "on its way"}, {"finish", "stop"}, {"tokens", 3}}));
  EXPECT_EQ(suite.cases[0].stand_ins.at("judge")[0].output,
            Value({{"label", "ok"}, {"score", 0}, {"scores", Value::object()}}));
}

struct Wrong {
  const char* before;
  const char* after;
  const char* finding;
};

TEST(SuiteTest, EveryMistakeIsNamedAtItsPlace) {
  for (const Wrong& wrong : std::vector<Wrong>{
           {"kind: GraphTest", "kind: GraphTset", "2:7: error: 'kind' must be GraphTest"},
           {"cases:", "csaes:", "5:1: error: unknown key 'csaes' in the file of cases; did you mean 'cases'?"},
           {"timeout: 5s", "timeuot: 5s", "13:5: error: unknown key 'timeuot' in the case; did you mean 'timeout'?"},
           {"{message: where is it}", "{mesage: x}", "7:12: error: input.mesage: unknown field"},
           {"judge: {output: {label: ok}}", "jugde: {output: {label: ok}}",
            "4:3: error: the graph has no agent 'jugde'; did you mean 'judge'?"},
           {"{output: {label: ok}}", "{output: {label: 3}}", "agent 'judge' never gives that: output.label"},
           {"{output: {label: ok}}", "{output: {label: ok}, text: x}", "must say one of text, output and error"},
           {"skill: late}", "skill: lat}", "there is no skill 'lat'; did you mean 'late'?"},
           {"step: draft", "step: darft", "the graph has no step 'darft'; did you mean 'draft'?"},
           {"\"^w\"", "\"(w\"", "12:28: error: '(w' is no regular expression"},
           {"UNAVAILABLE", "UNAVAILABEL", "'UNAVAILABEL' is no error code"},
           {"\"handle[*].draft\"", "\"handle[*].darft\"", "the graph has no step 'handle[*].darft'; did you mean"},
           {"calls: {writer: 2}", "calls: {wirter: 2}", "the graph has no agent 'wirter'; did you mean 'writer'?"},
           {"equals: on its way", "equals: x, contains: y", "must say one of equals, contains and matches"},
           {"\"answers[0].answer\"", "\"answers[\"", "is no JSON path"},
           {"judge: real", "judge: relal", "agent 'judge' must be 'real', a rule or a list of rules"},
           {"name: it fails", "name: a late parcel", "two cases are called 'a late parcel'"},
           {"delay: 20ms", "delay: 20", "'delay' must be a time"}}) {
    // given
    std::string yaml = kCases;
    const size_t at = yaml.find(wrong.before);
    ASSERT_NE(at, std::string::npos) << wrong.before;
    yaml.replace(at, std::string(wrong.before).size(), wrong.after);
    // when
    std::vector<kind::Finding> findings;
    Read(yaml, &findings);
    // then
    EXPECT_THAT(graph::ToString(findings), HasSubstr(wrong.finding)) << wrong.after;
  }
}

TEST(SuiteTest, HostileFilesAreRefused) {
  for (const std::string& yaml :
       {std::string(), std::string("3"), std::string("cases: [1, {}, []]"), std::string("a: &a [*a]"),
        std::string(5u << 20, 'x'), "apiVersion: troupe.dev/v1\nkind: GraphTest\ncases: []\n" + std::string()}) {
    std::vector<kind::Finding> findings;
    Read(yaml, &findings);
    EXPECT_FALSE(findings.empty()) << yaml.substr(0, 40);
  }
}

TEST(SuiteTest, StandsBesideItsGraph) {
  EXPECT_EQ(DefaultSuitePath("graphs/help-desk.yaml"), "graphs/help-desk.test.yaml");
  EXPECT_EQ(DefaultSuitePath("graphs.d/shop"), "graphs.d/shop.test.yaml");
}

}  // namespace
}  // namespace troupe::rehearsal
