#include "router/cli/up_plan.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "runtime/base/value.h"
#include "tests/support/temp_folder.h"

namespace troupe::cli {
namespace {

constexpr int64_t kGib = int64_t{1} << 30;

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
  inputs.cards = {{"NVIDIA-L4", 24 * kGib}};
  const std::vector<std::string> lines = LeaveOutSpills(inputs.specs, inputs.cards);
  // then nothing spills there, and that is no reason to refuse
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0], "agent writer of graph shop will not spill to pool big: this machine has no NVIDIA-H200");
  EXPECT_TRUE(CheckPins(inputs.specs, inputs.cards));
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
  const TempFolder folder;
  UpInputs inputs = Inputs();
  inputs.run_folder = folder.path;
  auto plan = PlanUp(inputs);
  ASSERT_TRUE(plan);
  // when
  ASSERT_TRUE(WritePlan(*plan));
  // then
  struct stat info{};
  ASSERT_EQ(stat(plan->replicas[1].spec_path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  const auto list = ParseValue(ReadAll(plan->replica_list_path));
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 3u);
  EXPECT_EQ((*list)[2]["replica"], "writer-1");
}

TEST(CheckPins, NamesThePinAndWhatIsHere) {
  graph::AgentSpec pinned = Spec("writer", "/m");
  pinned.gpus = {"NVIDIA-L4", "NVIDIA-A10G"};
  EXPECT_TRUE(CheckPins({pinned}, {{"NVIDIA-A10G", 24 * kGib}}));
  const auto refused = CheckPins({Spec("reader", ""), pinned}, {{"NVIDIA-H200", 141 * kGib}, {"NVIDIA-T4", 16 * kGib}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kFailedPrecondition);
  EXPECT_NE(
      refused.error().message.find("pinned to NVIDIA-L4 or NVIDIA-A10G, this machine has NVIDIA-H200 and NVIDIA-T4"),
      std::string::npos);
  EXPECT_FALSE(CheckPins({pinned}, {}));
  pinned.pins = graph::Pins::kRelaxed;
  EXPECT_TRUE(CheckPins({pinned}, {}));
}

TEST(LocalCards, AsksNoDriverWhereNobodyWantsACard) {
  const auto cards = LocalCards({Spec("reader", "")});
  ASSERT_TRUE(cards) << ToString(cards.error());
  EXPECT_TRUE(cards->empty());
}

// Two equal cards; a writer and a clerk that together fill one.
UpInputs TwoCards() {
  UpInputs inputs = Inputs();
  inputs.cards = {{"NVIDIA-L4", 24 * kGib}, {"NVIDIA-L4", 24 * kGib}};
  inputs.specs = {Spec("clerk", "/models/small.gguf"), Spec("reader", ""), Spec("writer", "/models/small.gguf")};
  for (const size_t i : {0, 2}) inputs.specs[i].gpus = {"NVIDIA-L4"};
  inputs.specs[0].memory = {.percent = 40};
  inputs.specs[2].memory = {.percent = 60};
  return inputs;
}

TEST(PlanUp, ReplicasStandOnCardsWithTheirNumberAndShare) {
  // given two writers and two clerks: each card holds one of each
  UpInputs inputs = TwoCards();
  inputs.specs[0].min_replicas = inputs.specs[2].min_replicas = 2;
  // when
  const auto plan = PlanUp(inputs);
  // then
  ASSERT_TRUE(plan) << ToString(plan.error());
  ASSERT_EQ(plan->replicas.size(), 5u);
  const auto flags = [&](size_t i) {
    const ProcessSpec& process = plan->replicas[i].process;
    return process.name + " " + ValueOfFlag(process, "--gpu") + " " + ValueOfFlag(process, "--memory");
  };
  EXPECT_EQ(flags(0), "shop.clerk-0 0 40%");
  EXPECT_EQ(flags(1), "shop.clerk-1 1 40%");
  EXPECT_EQ(flags(2), "shop.reader-0  ") << "one that is pinned to the CPU is told nothing";
  EXPECT_EQ(flags(3), "shop.writer-0 0 60%");
  EXPECT_EQ(flags(4), "shop.writer-1 1 60%");
  EXPECT_EQ(plan->replicas[4].card_text, "NVIDIA-L4 number 1, 60%");
  EXPECT_EQ(plan->replicas[2].card_text, "");
  EXPECT_EQ(plan->card_lines,
            (std::vector<std::string>{"NVIDIA-L4 number 0 (24.0 GiB): shop.clerk-0 40%, shop.writer-0 60%",
                                      "NVIDIA-L4 number 1 (24.0 GiB): shop.clerk-1 40%, shop.writer-1 60%"}));
}

TEST(PlanUp, MoreThanTheCardsHaveIsRefused) {
  UpInputs inputs = TwoCards();
  inputs.specs[2].min_replicas = 3;
  const auto refused = PlanUp(inputs);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kFailedPrecondition);
  EXPECT_EQ(refused.error().message,
            "shop.writer-2 is granted 60% of a card, but of what it may stand on is left: NVIDIA-L4 (number 0) 40%, "
            "NVIDIA-L4 (number 1) 40%; grant the agents less memory, or start fewer replicas");
  // and so is a card that is not here
  inputs.cards = {{"NVIDIA-H200", 141 * kGib}};
  EXPECT_EQ(PlanUp(inputs).error().code, Code::kFailedPrecondition);
}

TEST(PlanUp, WithoutSharesEqualCardsAreTakenInTurn) {
  UpInputs inputs = TwoCards();
  inputs.specs.pop_back();
  inputs.specs[0].memory = {};
  inputs.specs[0].min_replicas = 3;
  const auto plan = PlanUp(inputs);
  ASSERT_TRUE(plan) << ToString(plan.error());
  for (const size_t i : {0, 1, 2}) {
    EXPECT_EQ(ValueOfFlag(plan->replicas[i].process, "--gpu"), std::to_string(i % 2));
    const auto& arguments = plan->replicas[i].process.arguments;
    EXPECT_EQ(std::count(arguments.begin(), arguments.end(), "--memory"), 0);
  }
  EXPECT_EQ(plan->card_lines[0], "NVIDIA-L4 number 0 (24.0 GiB): shop.clerk-0, shop.clerk-2");
}

TEST(PlanUp, ARelaxedPinThatFindsNoRoomStaysOffTheCards) {
  // given
  UpInputs inputs = TwoCards();
  inputs.cards.pop_back();
  inputs.specs[2].memory = {.percent = 70};
  for (graph::AgentSpec& spec : inputs.specs) spec.pins = graph::Pins::kRelaxed;
  // when
  const auto plan = PlanUp(inputs);
  // then
  ASSERT_TRUE(plan) << ToString(plan.error());
  EXPECT_EQ(ValueOfFlag(plan->replicas[0].process, "--gpu"), "none");
  EXPECT_EQ(ValueOfFlag(plan->replicas[0].process, "--memory"), "");
  EXPECT_EQ(ValueOfFlag(plan->replicas[2].process, "--gpu"), "0");
  // and where there is no card at all nobody is told anything
  inputs.cards.clear();
  const auto without = PlanUp(inputs);
  ASSERT_TRUE(without) << ToString(without.error());
  for (const PlannedReplica& replica : without->replicas) EXPECT_EQ(ValueOfFlag(replica.process, "--gpu"), "");
  EXPECT_TRUE(without->card_lines.empty());
}

TEST(PlanUp, WhatSpillsIsNotStartedWhereItsCardIsFull) {
  // given a writer that spills to the card that it and the clerk fill
  UpInputs inputs = TwoCards();
  inputs.cards.pop_back();
  inputs.specs.push_back(inputs.specs[2]);
  inputs.specs[3].spill = 1;
  inputs.specs[3].pool = "other";
  // when
  const auto plan = PlanUp(inputs);
  // then
  ASSERT_TRUE(plan) << ToString(plan.error());
  EXPECT_EQ(plan->replicas.size(), 3u);
  EXPECT_EQ(plan->card_lines.back(), "shop.writer.other-0 is not started: no card has room for what spills");
}

TEST(WritePlan, TheSpecSaysWhatIsGrantedForThoseWhoStartAgentsOtherwise) {
  // given
  const TempFolder folder;
  UpInputs inputs = TwoCards();
  inputs.run_folder = folder.path;
  inputs.specs[2].memory = {.bytes = 6 * kGib};
  const auto plan = PlanUp(inputs);
  ASSERT_TRUE(plan) << ToString(plan.error());
  // when
  ASSERT_TRUE(WritePlan(*plan));
  // then
  const auto pin_of = [&](size_t i) {
    const auto spec = ParseValue(ReadAll(plan->replicas[i].spec_path));
    return spec ? spec->at("pin") : Value();
  };
  EXPECT_EQ(pin_of(0), (Value{{"gpus", Value::array({"NVIDIA-L4"})}, {"memoryPercent", 40}}));
  EXPECT_EQ(pin_of(2), (Value{{"gpus", Value::array({"NVIDIA-L4"})}, {"memoryBytes", std::to_string(6 * kGib)}}));
}

}  // namespace
}  // namespace troupe::cli
