// A replica that fails its steps: retries go elsewhere, and where there is no other one they wait for it.
#include "tests/unit/gateway/harness.h"

namespace troupe::gateway {
namespace {

constexpr char kTwoReplicas[] = R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: pair}
spec:
  input: {text: string}
  agents:
    first: {kind: scripted, echo: true, replicas: {min: 2}}
  steps:
    one: {agent: first, retry: {max: 1, backoff: 1ms}, input: {text: "{{ input.text }}"}}
  output: "{{ steps.one.text }}"
)";

constexpr int64_t kHourMs = 3'600'000;

class CircuitTest : public RouterTest {
 protected:
  RouterOptions Options() override {
    std::ofstream(folder_ / "pair.yaml") << kTwoReplicas;
    std::ofstream list(folder_ / "agents.json");
    for (const char* replica : {"first-0", "first-1"}) {
      list << (std::string(replica) == "first-0" ? "[" : ",") << R"({"graph":"pair","agent":"first","replica":")"
           << replica << R"(","address":")" << Socket(replica) << R"("})";
    }
    list << "]";
    RouterOptions options = RouterTest::Options();
    options.dispatch.breaker = breaker_;
    return options;
  }

  v1::ReplicaStatus StatusOf(const std::string& replica) {
    grpc::ClientContext context;
    Limit(context);
    v1::ListGraphsResponse response;
    EXPECT_TRUE(graphs_->ListGraphs(&context, v1::ListGraphsRequest(), &response).ok());
    for (const v1::ReplicaStatus& status : response.graphs(0).replicas()) {
      if (status.replica() == replica) return status;
    }
    return {};
  }
  bool BecomesReady(const std::string& replica) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < limit) {
      if (StatusOf(replica).ready()) return true;
    }
    return false;
  }
  v1::GetResponse RunOne() {
    const std::string task_id = MustSubmit();
    Watch(task_id);
    return Get(task_id);
  }

  dispatch::BreakerOptions breaker_;
};

TEST_F(CircuitTest, RetriesGoElsewhereAndAnOpenReplicaGetsNothing) {
  // given one replica that always fails, one that works, and a circuit that stays open once it is
  breaker_ = {.max_failures = 3, .first_pause_ms = kHourMs, .max_pause_ms = kHourMs};
  FakeAgent bad("first", Socket("first-0"), [](const auto& work) { work->Fail(Code::kInternal, "out of order"); });
  FakeAgent good("first", Socket("first-1"), Echo);
  StartRouter();
  ASSERT_TRUE(BecomesReady("first-0") && BecomesReady("first-1"));
  EXPECT_EQ(StatusOf("first-0").circuit(), v1::CIRCUIT_CLOSED);
  // when more tasks come than it takes, then all end well, with one further attempt at most
  for (int i = 0; i < 20; ++i) {
    const v1::GetResponse got = RunOne();
    ASSERT_EQ(got.task().state(), v1::TASK_STATE_DONE) << i << ": " << got.task().error_message();
  }
  EXPECT_EQ(bad.started(), 3);
  EXPECT_EQ(good.started(), 20);
  // and it shows
  const v1::ReplicaStatus status = StatusOf("first-0");
  EXPECT_EQ(status.circuit(), v1::CIRCUIT_OPEN);
  EXPECT_FALSE(status.ready());
  EXPECT_NE(status.problem().find("failed 3 steps in a row"), std::string::npos) << status.problem();
}

TEST_F(CircuitTest, AStepWaitsForTheOnlyReplicaAndLosesNoAttempt) {
  // given one replica, whose first two steps fail, and a circuit that opens then
  breaker_ = {.max_failures = 2, .first_pause_ms = 100, .max_pause_ms = 100};
  std::atomic<int> seen{0};
  FakeAgent only("first", Socket("first-1"), [&seen](const FakeAgent::WorkPtr& work) {
    if (seen.fetch_add(1) < 2) return work->Fail(Code::kInternal, "warming up");
    Echo(work);
  });
  StartRouter();
  EXPECT_EQ(RunOne().task().state(), v1::TASK_STATE_FAILED) << "both attempts";
  // when a task comes while it is open, then it waits until one step may try it
  const v1::GetResponse got = RunOne();
  EXPECT_EQ(got.task().state(), v1::TASK_STATE_DONE) << got.task().error_message();
  EXPECT_EQ(got.steps(0).attempts_size(), 1);
  EXPECT_EQ(only.started(), 3);
  EXPECT_EQ(StatusOf("first-1").circuit(), v1::CIRCUIT_CLOSED);
}

TEST_F(CircuitTest, WhatTheStepIsToBlameForOpensNothing) {
  breaker_ = {.max_failures = 1, .first_pause_ms = kHourMs, .max_pause_ms = kHourMs};
  FakeAgent only("first", Socket("first-1"),
                 [](const auto& work) { work->Fail(Code::kInvalidArgument, "no such word"); });
  StartRouter();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(RunOne().task().state(), v1::TASK_STATE_FAILED);
  EXPECT_EQ(StatusOf("first-1").circuit(), v1::CIRCUIT_CLOSED);
}

}  // namespace
}  // namespace troupe::gateway
