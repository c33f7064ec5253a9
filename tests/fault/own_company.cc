#include "tests/fault/own_company.h"

#include "router/cli/up_plan.h"
#include "router/graph/parse.h"
#include "tests/fault/folder.h"
#include "tests/support/places.h"

namespace troupe::fault {

void OwnCompanyTest::Start(const std::string& graph, const std::vector<std::string>& environment) {
  folder_ = MakeFolder();
  const graph::Parsed parsed = graph::LoadGraph(SourcePath(graph));
  ASSERT_NE(parsed.graph, nullptr) << graph::ToString(parsed.findings);
  cli::UpInputs inputs;
  inputs.graph_paths = {SourcePath(graph)};
  inputs.specs = graph::Resolve(*parsed.graph);
  inputs.run_folder = folder_;
  inputs.data_folder = folder_ / "data";
  inputs.binaries = BuildPath("bin");
  auto plan = cli::PlanUp(inputs);
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_TRUE(cli::WritePlan(*plan));
  address_ = plan->address;
  supervisor_ = std::make_unique<cli::Supervisor>(
      SystemClock(), cli::RestartPolicy{.first_pause_ms = 1, .max_pause_ms = 1, .crash_loop_after = 1'000'000});
  for (const cli::PlannedReplica& replica : plan->replicas) supervisor_->Add(replica.process);
  plan->router.arguments = WithEnvironment(environment, plan->router.arguments);
  supervisor_->Add(plan->router);
  Poll();
}

OwnCompanyTest::~OwnCompanyTest() {
  supervisor_.reset();
  RemoveUnlessFailed(folder_);
}

bool OwnCompanyTest::Poll() {
  supervisor_->Poll();
  return true;
}

std::string OwnCompanyTest::RouterLog() const {
  std::string text;
  for (const std::string& line : cli::TailOf((folder_ / "router.log").string(), 20)) text += line + "\n";
  return text;
}

}  // namespace troupe::fault
