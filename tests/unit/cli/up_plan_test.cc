#include "router/cli/up_plan.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "runtime/base/value.h"

namespace troupe::cli {
namespace {

graph::AgentSpec Spec(const std::string& agent, const std::string& model, int replicas = 1) {
  graph::AgentSpec spec;
  spec.graph = "shop";
  spec.agent = agent;
  spec.kind = model.empty() ? "scripted" : "generate";
  spec.model_path = model;
  spec.config = Value{{"maxTokens", 9}};
  spec.min_replicas = replicas;
  return spec;
}

UpInputs Inputs() {
  UpInputs inputs;
  inputs.graph_paths = {"/graphs/shop.yaml"};
  inputs.specs = {Spec("reader", ""), Spec("writer", "/models/small.gguf", 2)};
  inputs.run_folder = "/run/troupe";
  inputs.data_folder = "/data";
  inputs.binaries = "/bin";
  inputs.cores = {0, 1, 2, 3};
  return inputs;
}

std::string ValueOfFlag(const ProcessSpec& process, const std::string& flag) {
  const auto at = std::find(process.arguments.begin(), process.arguments.end(), flag);
  return at == process.arguments.end() || at + 1 == process.arguments.end() ? "" : *(at + 1);
}

TEST(PlanUp, OneProcessForEachReplicaWithItsShareOfTheCores) {
  // when
  const auto plan = PlanUp(Inputs());
  // then
  ASSERT_TRUE(plan) << ToString(plan.error());
  ASSERT_EQ(plan->replicas.size(), 3u);
  EXPECT_EQ(plan->replicas[1].replica, "writer-0");
  EXPECT_EQ(plan->replicas[2].replica, "writer-1");
  EXPECT_EQ(plan->replicas[2].address, "unix:/run/troupe/shop.writer-1.sock");
  EXPECT_EQ(plan->replicas[2].model, "small.gguf");
  EXPECT_EQ(ValueOfFlag(plan->replicas[0].process, "--threads"), "1");
  EXPECT_EQ(ValueOfFlag(plan->replicas[1].process, "--threads"), "2");
  EXPECT_EQ(plan->replicas[1].process.cores, (std::vector<int>{0, 1}));
  EXPECT_EQ(plan->replicas[2].process.cores, (std::vector<int>{2, 3}));
}

TEST(PlanUp, OneReplicaTakesWhatSpillsWhereItsHardwareIsHere) {
  // given a writer that spills from a card to a bigger one, and then to the CPU
  UpInputs inputs = Inputs();
  inputs.specs = {Spec("writer", "/models/small.gguf", 2), Spec("writer", "/models/small.gguf"),
                  Spec("writer", "/models/small.gguf")};
  inputs.specs[0].pool = "small";
  inputs.specs[0].gpus = {"NVIDIA-L4"};
  inputs.specs[1].pool = "big";
  inputs.specs[1].spill = 1;
  inputs.specs[1].gpus = {"NVIDIA-H200"};
  inputs.specs[2].pool = "cpu";
  inputs.specs[2].spill = 2;
  // when the bigger one is not here
  const std::vector<std::string> lines = LeaveOutSpills(inputs.specs, {"NVIDIA-L4"});
  // then nothing spills there, and that is no reason to refuse
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0], "agent writer of graph shop will not spill to pool big: this machine has no NVIDIA-H200");
  EXPECT_TRUE(CheckPins(inputs.specs, {"NVIDIA-L4"}));
  const auto plan = PlanUp(inputs);
  ASSERT_TRUE(plan) << ToString(plan.error());
  ASSERT_EQ(plan->replicas.size(), 3u);
  EXPECT_EQ(plan->replicas[2].replica, "writer.cpu-0");
  EXPECT_EQ(plan->replicas[2].spill, 2);
  EXPECT_EQ(plan->replicas[2].spec_path, "/run/troupe/shop.writer.cpu.json");
  EXPECT_EQ(plan->replicas[1].spill, 0);
}

TEST(PlanUp, TheRouterListensOnItsSocketAndWhereElseItIsTold) {
  UpInputs inputs = Inputs();
  inputs.listen = "127.0.0.1:0";
  inputs.router_flags = {"--retain", "30d"};
  const auto plan = PlanUp(inputs);
  ASSERT_TRUE(plan);
  const auto& arguments = plan->router.arguments;
  EXPECT_EQ(std::count(arguments.begin(), arguments.end(), "--listen"), 2);
  EXPECT_EQ(ValueOfFlag(plan->router, "--listen"), "unix:/run/troupe/router.sock");
  EXPECT_EQ(ValueOfFlag(plan->router, "--graph"), "/graphs/shop.yaml");
  EXPECT_EQ(ValueOfFlag(plan->router, "--retain"), "30d");
}

TEST(PlanUp, RefusesTwoGraphsOfOneNameAndPathsThatAreTooLong) {
  UpInputs twice = Inputs();
  twice.specs.push_back(Spec("reader", ""));
  EXPECT_EQ(PlanUp(twice).error().code, Code::kInvalidArgument);
  UpInputs deep = Inputs();
  deep.run_folder = "/run/" + std::string(100, 'x');
  EXPECT_EQ(PlanUp(deep).error().code, Code::kInvalidArgument);
}

TEST(WritePlan, FilesAreTheUsersAloneAndAgentsCanReadThem) {
  // given
  std::string pattern = testing::TempDir() + "/up_plan_XXXXXX";
  UpInputs inputs = Inputs();
  inputs.run_folder = mkdtemp(pattern.data());
  auto plan = PlanUp(inputs);
  ASSERT_TRUE(plan);
  // when
  ASSERT_TRUE(WritePlan(*plan));
  // then
  struct stat info{};
  ASSERT_EQ(stat(plan->replicas[1].spec_path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  std::ifstream file(plan->replica_list_path);
  const auto list = ParseValue(std::string{std::istreambuf_iterator<char>(file), {}});
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 3u);
  EXPECT_EQ((*list)[2]["replica"], "writer-1");
  std::filesystem::remove_all(inputs.run_folder);
}

TEST(CheckPins, NamesThePinAndWhatIsHere) {
  graph::AgentSpec pinned = Spec("writer", "/m");
  pinned.gpus = {"NVIDIA-L4", "NVIDIA-A10G"};
  EXPECT_TRUE(CheckPins({pinned}, {"NVIDIA-A10G"}));
  const auto refused = CheckPins({Spec("reader", ""), pinned}, {"NVIDIA-H200"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kFailedPrecondition);
  EXPECT_NE(refused.error().message.find("pinned to NVIDIA-L4 or NVIDIA-A10G, this machine has NVIDIA-H200"),
            std::string::npos);
  EXPECT_FALSE(CheckPins({pinned}, {}));
  pinned.pins = graph::Pins::kRelaxed;
  EXPECT_TRUE(CheckPins({pinned}, {}));
}

TEST(LocalGpus, ReadsTheDriversFiles) {
  std::string pattern = testing::TempDir() + "/gpus_XXXXXX";
  const std::filesystem::path folder = mkdtemp(pattern.data());
  std::filesystem::create_directory(folder / "0000:01:00.0");
  std::ofstream(folder / "0000:01:00.0/information") << "Model: \t\t NVIDIA A100-SXM4-40GB\nIRQ:   \t\t 42\n";
  EXPECT_EQ(LocalGpus(folder), std::vector<std::string>{"NVIDIA-A100-SXM4-40GB"});
  EXPECT_TRUE(LocalGpus(folder / "none").empty());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace troupe::cli
