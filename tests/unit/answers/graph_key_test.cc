#include "router/answers/graph_key.h"

#include <gtest/gtest.h>

namespace troupe::answers {
namespace {

TEST(GraphKey, EverythingThatTheAnswerDependsOnIsInIt) {
  graph::Graph graph;
  graph.version = GraphVersion("v1");
  const GraphQuestion question{.graph = &graph, .input_json = "{\"a\":1}", .user = "\"ann\""};
  const std::string key = KeyOf(question, {{"writer", "m1"}}, "0");
  EXPECT_EQ(KeyOf(question, {{"writer", "m1"}}, "0"), key);
  GraphQuestion other = question;
  other.input_json = "{\"a\":2}";
  EXPECT_NE(KeyOf(other, {{"writer", "m1"}}, "0"), key);
  other = question;
  other.user = "\"bob\"";
  EXPECT_NE(KeyOf(other, {{"writer", "m1"}}, "0"), key);
  other = question;
  other.limits.tokens = 10;
  EXPECT_NE(KeyOf(other, {{"writer", "m1"}}, "0"), key);
  EXPECT_NE(KeyOf(question, {{"writer", "m2"}}, "0"), key);
  EXPECT_NE(KeyOf(question, {{"writer", "m1"}}, "1"), key);
  graph.version = GraphVersion("v2");
  EXPECT_NE(KeyOf(question, {{"writer", "m1"}}, "0"), key);
}

TEST(GraphKey, WhatIsKeptIsJsonAndComesApartAgain) {
  for (const std::string output : {"\"a \\\", b\"", "null", "{\"x\":[\"\\\",\"]}"}) {
    const std::string kept = Wrap("0190-ab", output);
    EXPECT_TRUE(ParseValue(kept)) << kept;
    EXPECT_EQ(Unwrap(kept)->task_id, "0190-ab");
    EXPECT_EQ(Unwrap(kept)->output_json, output);
  }
}

TEST(GraphKey, WhatIsNotOfThatFormDoesNotComeApart) {
  for (const char* other : {"", "null", "[]", "[\"a\"]", "[1,2]", "{\"a\":1,\"b\":2}", "[\"a\",1"}) {
    EXPECT_FALSE(Unwrap(other)) << other;
  }
}

}  // namespace
}  // namespace troupe::answers
