#include "router/cli/graph_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::cli {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr UnixMs kNow = 1'790'000'000'000;
const std::string kOld(64, 'a');
const std::string kNew(64, 'b');

void FillCanary(v1::CanaryStatus& canary) {
  canary.set_version(kNew);
  canary.set_started_ms(kNow - 180'000);
  canary.mutable_rule()->set_percent(10);
  canary.mutable_rule()->set_min_tasks(50);
  canary.mutable_rule()->set_margin_percent(5);
  canary.mutable_on_canary()->set_ended(41);
  canary.mutable_on_canary()->set_failed(2);
  canary.mutable_on_current()->set_ended(1'380);
  canary.mutable_on_current()->set_failed(1);
}

v1::ListVersionsResponse Versions() {
  v1::ListVersionsResponse versions;
  versions.set_name("shop");
  for (const auto& [version, role] :
       {std::pair(kNew, v1::VERSION_ROLE_CANARY), std::pair(kOld, v1::VERSION_ROLE_CURRENT)}) {
    v1::GraphVersion& one = *versions.add_versions();
    one.set_version(version);
    one.set_role(role);
    one.set_applied_ms(kNow - 3'600'000);
    one.set_running(7);
  }
  return versions;
}

TEST(GraphTables, OneLineForEachGraph) {
  v1::ListGraphsResponse graphs;
  EXPECT_THAT(RenderGraphs(graphs, kNow, 0), ElementsAre(HasSubstr("troupe apply")));
  v1::GraphSummary& graph = *graphs.add_graphs();
  graph.set_name("shop");
  graph.set_version(kOld);
  graph.set_applied_ms(kNow - 60'000);
  graph.set_running(1'200);
  FillCanary(*graph.mutable_canary());
  EXPECT_THAT(RenderGraphs(graphs, kNow, 0),
              ElementsAre("GRAPH  VERSION       APPLIED    RUNNING  BEFORE  CANARY",
                          "shop   aaaaaaaaaaaa  1 min ago  1,200    -       bbbbbbbbbbbb on 10% of new tasks, begun "
                          "3 min ago: 2 of 41 failed, 1 of 1,380 on the current version"));
}

TEST(GraphTables, AGraphsVersionsItsCanaryAndItsHistory) {
  v1::ListVersionsResponse versions = Versions();
  FillCanary(*versions.mutable_canary());
  v1::GraphEvent& applied = *versions.add_events();
  applied.set_time_ms(kNow);
  applied.mutable_applied()->set_version(kOld);
  applied.mutable_applied()->set_at_start(true);
  versions.add_events()->mutable_start_file_seen()->set_version(kOld);
  v1::GraphEvent& back = *versions.add_events();
  back.set_time_ms(kNow);
  back.mutable_rolled_back()->set_from_version(kNew);
  back.mutable_rolled_back()->set_to_version(kOld);
  back.mutable_rolled_back()->set_reason("bad\x1b[2J");
  back.mutable_rolled_back()->set_automatic(true);
  const std::vector<std::string> lines = RenderVersions(versions, kNow, 0);
  EXPECT_EQ(lines.at(1), "bbbbbbbbbbbb  canary   1 h ago  7");
  EXPECT_EQ(lines.at(2), "aaaaaaaaaaaa  current  1 h ago  7");
  EXPECT_THAT(lines, Contains(HasSubstr("over 5 points higher, judged from 50 tasks on")));
  EXPECT_THAT(lines, Contains(HasSubstr("'troupe promote shop'")));
  EXPECT_THAT(lines, Contains(HasSubstr("aaaaaaaaaaaa became current: the router was started with its file")));
  EXPECT_THAT(lines, Contains(HasSubstr("started with the file of aaaaaaaaaaaa and went on as it was")));
  // of students nothing is said where there are none
  EXPECT_THAT(lines, Not(Contains(HasSubstr("students"))));
  // what people and models write cannot steer the terminal
  EXPECT_THAT(lines.back(), HasSubstr("bbbbbbbbbbbb was rolled back to aaaaaaaaaaaa by the router: bad␛[2J"));
  for (const std::string& line : RenderVersions(versions, kNow, 40)) EXPECT_LE(line.size(), 44u) << line;
}

TEST(GraphTables, WithoutACanaryItSaysWhereGoingBackLeads) {
  v1::ListVersionsResponse versions = Versions();
  EXPECT_THAT(RenderVersions(versions, kNow, 0), Not(Contains(HasSubstr("rollback"))));
  versions.set_previous_version(kNew);
  EXPECT_THAT(RenderVersions(versions, kNow, 0), Contains("'troupe rollback shop' goes back to bbbbbbbbbbbb"));
}

TEST(GraphTables, WhatACanarysStudentsDo) {
  v1::ListVersionsResponse versions = Versions();
  FillCanary(*versions.mutable_canary());
  v1::TaskTally& tally = *versions.mutable_canary()->mutable_on_canary();
  tally.set_answers(1'041);
  tally.set_unsure(5);
  tally.set_checked(20);
  tally.set_differing(2);
  versions.mutable_canary()->mutable_rule()->set_unsure_margin_percent(10);
  versions.mutable_canary()->mutable_rule()->set_differing_margin_percent(15);
  versions.mutable_canary()->mutable_rule()->set_min_checks(30);
  const std::vector<std::string> lines = RenderVersions(versions, kNow, 0);
  EXPECT_THAT(lines, Contains("its students: unsure of 5 of 1,041 answers, 2 of 20 checks differ; the current "
                              "version's: no answers yet"));
  EXPECT_THAT(lines, Contains("it goes back too where they are unsure over 10 points more, or differ over 15 "
                              "points more in 30 spot checks or more"));
}

}  // namespace
}  // namespace troupe::cli
