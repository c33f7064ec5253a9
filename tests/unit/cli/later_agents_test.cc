#include "router/cli/later_agents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Version = LaterAgents::Version;
using Agent = LaterAgents::Agent;

graph::AgentSpec Spec(const std::string& agent) { return {.agent = agent, .graph = "shop"}; }

v1::ListGraphsResponse Graphs(const std::string& current, const std::string& canary = "",
                              const std::string& previous = "") {
  v1::ListGraphsResponse graphs;
  v1::GraphSummary& shop = *graphs.add_graphs();
  shop.set_name("shop");
  shop.set_version(current);
  if (!canary.empty()) shop.mutable_canary()->set_version(canary);
  shop.set_previous_version(previous);
  graphs.add_graphs()->set_name("of others");
  return graphs;
}

std::vector<std::string> Names(const std::vector<graph::AgentSpec>& specs) {
  std::vector<std::string> names;
  for (const graph::AgentSpec& spec : specs) names.push_back(spec.agent);
  return names;
}

std::vector<v1::GraphVersion> RunningOn(const std::string& version, int64_t running) {
  v1::GraphVersion one;
  one.set_version(version);
  one.set_running(running);
  return {one};
}

class Later : public ::testing::Test {
 protected:
  Later() { later_.Know({"shop", "v1"}, {Spec("small"), Spec("big")}); }
  LaterAgents later_{{Spec("small"), Spec("big")}};
};

TEST_F(Later, AVersionThatIsTriedOutBringsTheAgentsThatAreNotThere) {
  EXPECT_THAT(later_.Unknown(Graphs("v1")), IsEmpty());
  EXPECT_THAT(later_.Unknown(Graphs("v1", "v2")), ElementsAre(Version{"shop", "v2"}));
  EXPECT_THAT(Names(later_.Know({"shop", "v2"}, {Spec("small-r1"), Spec("big")})), ElementsAre("small-r1"));
  // once
  EXPECT_THAT(later_.Unknown(Graphs("v1", "v2")), IsEmpty());
  EXPECT_THAT(Names(later_.Know({"shop", "v3"}, {Spec("small-r1"), Spec("big")})), IsEmpty());
}

TEST_F(Later, WhatWasRolledBackIsStoppedOnceNoTaskRunsOnIt) {
  later_.Know({"shop", "v2"}, {Spec("small-r1"), Spec("big")});
  EXPECT_FALSE(later_.MayBeUnneeded(Graphs("v1", "v2").graphs(0)));
  const v1::GraphSummary now = Graphs("v1").graphs(0);
  EXPECT_TRUE(later_.MayBeUnneeded(now));
  EXPECT_THAT(later_.Unneeded(now, RunningOn("v2", 1)), IsEmpty());
  EXPECT_THAT(later_.Unneeded(now, RunningOn("v2", 0)), ElementsAre(Agent{"shop", "small-r1"}));
  EXPECT_FALSE(later_.MayBeUnneeded(now));
  // and started again where it comes back
  EXPECT_THAT(later_.Unknown(Graphs("v2")), ElementsAre(Version{"shop", "v2"}));
  EXPECT_THAT(Names(later_.Know({"shop", "v2"}, {Spec("small-r1"), Spec("big")})), ElementsAre("small-r1"));
}

TEST_F(Later, TasksFromBeforeARestartHaveTheirAgentsToo) {
  EXPECT_THAT(later_.UnknownWithTasks("shop", RunningOn("v0", 2)), ElementsAre(Version{"shop", "v0"}));
  EXPECT_THAT(later_.UnknownWithTasks("shop", RunningOn("v0", 0)), IsEmpty());
  EXPECT_THAT(later_.UnknownWithTasks("shop", RunningOn("v1", 2)), IsEmpty());
  EXPECT_THAT(later_.UnknownWithTasks("of others", RunningOn("v0", 2)), IsEmpty());
  EXPECT_FALSE(later_.IsLater({"shop", "small-r0"}));
  EXPECT_THAT(Names(later_.Know({"shop", "v0"}, {Spec("small-r0"), Spec("big")})), ElementsAre("small-r0"));
  EXPECT_TRUE(later_.IsLater({"shop", "small-r0"}));
  EXPECT_FALSE(later_.IsLater({"shop", "big"}));
  EXPECT_THAT(later_.UnknownWithTasks("shop", RunningOn("v0", 2)), IsEmpty());
  // and they go once none runs on it
  EXPECT_THAT(later_.Unneeded(Graphs("v1").graphs(0), RunningOn("v0", 0)), ElementsAre(Agent{"shop", "small-r0"}));
}

TEST_F(Later, WhatGoingBackWouldNeedGoesOnButIsNotStartedForThat) {
  EXPECT_THAT(later_.Unknown(Graphs("v1", "", "v0")), IsEmpty());
  later_.Know({"shop", "v2"}, {Spec("small-r1"), Spec("big")});
  later_.Know({"shop", "v3"}, {Spec("small-r2"), Spec("big")});
  EXPECT_FALSE(later_.MayBeUnneeded(Graphs("v3", "", "v2").graphs(0)));
  EXPECT_THAT(later_.Unneeded(Graphs("v4", "", "v3").graphs(0), {}), ElementsAre(Agent{"shop", "small-r1"}));
}

}  // namespace
}  // namespace troupe::cli
