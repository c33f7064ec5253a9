// Paths name steps and rounds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/graph_builder.h"
#include "tests/unit/core/player.h"

namespace troupe::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

graph::Graph Nested() {
  return MakeGraph({Call("a", "one"), Each("handle", "part", "{{ input.parts }}",
                                           Body({Repeat("answer", "{{ true }}", 2, Body({Call("draft", "one")}))}))});
}

TEST(FindStep, FindsStepsAndRounds) {
  const graph::Graph graph = Nested();
  EXPECT_EQ(FindStep(graph, "a")->name, "a");
  EXPECT_EQ(FindStep(graph, "handle")->name, "handle");
  EXPECT_EQ(FindStep(graph, "handle[2]")->name, "handle");
  EXPECT_EQ(FindStep(graph, "handle[2].answer[0].draft")->name, "draft");
  EXPECT_EQ(FindStep(graph, "handle[10].answer")->name, "answer");
}

TEST(FindStep, FindsNothingForBadPaths) {
  const graph::Graph graph = Nested();
  for (const char* path : {"b", "handle.answer", "a[0]", "handle[x]", "handle[-1]", "handle[1", "handle[0].draft",
                           "a.b", ".", "a.", "[0]", "handle[0]x"}) {
    EXPECT_EQ(FindStep(graph, path), nullptr) << path;
  }
}

}  // namespace
}  // namespace troupe::core::testing
