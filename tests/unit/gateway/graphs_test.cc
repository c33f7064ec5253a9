// When a version that is tried out gets its tasks.
#include "router/gateway/graphs.h"

#include <gtest/gtest.h>

#include "router/journal/sqlite_journal.h"
#include "tests/support/temp_folder.h"

namespace troupe::gateway {
namespace {

class GraphsTest : public ::testing::Test {
 protected:
  GraphsTest() {
    graphs_.AskWhoIsThere([this](const graph::Graph&) { return are_there_; });
    EXPECT_TRUE(graphs_.Apply(Source("a")));
  }
  static graph::GraphSource Source(const std::string& prompt) {
    return {.yaml = R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: pair}
spec:
  input: {text: string}
  agents: {first: {kind: scripted, echo: true}}
  steps: {one: {agent: first, input: {text: )" +
                    prompt + R"(}}}
  output: "{{ steps.one.text }}"
)",
            .file_name = "pair.yaml"};
  }
  std::string Try(const std::string& prompt) {
    const auto applied = graphs_.Apply(Source(prompt), rollout::CanaryRule{.percent = 99});
    EXPECT_TRUE(applied && applied->graph);
    return applied->graph->version.value;
  }
  // Whether any of many new tasks runs on it.
  bool GetsTasks(const std::string& version) {
    for (int i = 0; i < 100; ++i) {
      const auto picked = graphs_.Pick("pair", "r" + std::to_string(i));
      EXPECT_TRUE(picked);
      if ((*picked)->version.value == version) return true;
    }
    return false;
  }

  bool are_there_ = true;
  const TempFolder folder_;
  const std::unique_ptr<journal::Journal> journal_ = std::move(*journal::OpenSqlite(folder_.path));
  const ManualClock clock_;
  Graphs graphs_{*journal_, clock_, nullptr};
};

TEST_F(GraphsTest, ACanaryWaitsForItsAgentsOnceAsLongAsItIsTriedOut) {
  are_there_ = false;
  const std::string canary = Try("b");
  EXPECT_FALSE(GetsTasks(canary));
  are_there_ = true;
  EXPECT_TRUE(GetsTasks(canary));
  are_there_ = false;
  EXPECT_TRUE(GetsTasks(canary)) << "what becomes of them later is the canary's own";
}

TEST_F(GraphsTest, ACanaryThatComesBackWaitsForItsAgentsAgain) {
  // given one whose agents were there, ended or replaced
  const std::string canary = Try("b");
  ASSERT_TRUE(GetsTasks(canary));
  ASSERT_TRUE(graphs_.RollBack("pair", "", "not now"));
  are_there_ = false;
  // when, then
  ASSERT_EQ(Try("b"), canary);
  EXPECT_FALSE(GetsTasks(canary));
  are_there_ = true;
  ASSERT_TRUE(GetsTasks(canary));
  Try("c");
  are_there_ = false;
  ASSERT_EQ(Try("b"), canary);
  EXPECT_FALSE(GetsTasks(canary));
}

}  // namespace
}  // namespace troupe::gateway
