#include "router/rehearsal/stand_in_agents.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <thread>

#include "runtime/base/id.h"
#include "runtime/rpc/channel.h"
#include "tests/unit/rehearsal/shop.h"
#include "troupe/v1/agent.grpc.pb.h"

namespace troupe::rehearsal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kCases[] = R"(apiVersion: troupe.dev/v1
kind: GraphTest
cases:
  - name: x
    input: {message: y}
    agents:
      writer:
        - {times: 1, when: {step: draft}, error: {code: UNAVAILABLE, message: busy}}
        - {when: {attempt: 3}, text: third}
        - {when: {matches: "wh.re"}, text: on its way, tokens: 7, delay: 1ms}
)";

class StandInAgentsTest : public testing::Test {
 protected:
  StandInAgentsTest() : folder_(std::filesystem::temp_directory_path() / ("tr-" + NewUuid7().substr(24))) {
    std::filesystem::create_directories(folder_);
    kind::Findings findings;
    suite_ = ReadSuite(kCases, "t.yaml", *Shop().graph, findings);
    EXPECT_FALSE(findings.HasErrors()) << graph::ToString(findings.Take());
    auto opened = StandInAgents::Open({"writer"}, folder_);
    EXPECT_TRUE(opened) << ToString(opened.error());
    agents_ = std::move(*opened);
    stub_ = v1::AgentService::NewStub(*rpc::OpenChannel(agents_->AddressOf("writer"), {.own_connection = true}));
  }
  ~StandInAgentsTest() override {
    agents_.reset();
    std::filesystem::remove_all(folder_);
  }

  // One step, to its end.
  v1::DoResponse Ask(const std::string& key, const std::string& text) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    v1::DoRequest request;
    request.mutable_start()->set_idempotency_key(key);
    request.mutable_start()->set_input_json(Dump(Value{{"prompt", text}}));
    v1::DoResponse response;
    const grpc::Status status = stub_->Do(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  const std::filesystem::path folder_;
  Suite suite_;
  std::unique_ptr<StandInAgents> agents_;
  std::unique_ptr<v1::AgentService::Stub> stub_;
};

TEST_F(StandInAgentsTest, TheFirstRuleThatFitsSpeaks) {
  // given
  agents_->Announce("task", suite_.cases[0]);
  // when, then
  EXPECT_EQ(Ask("task/handle[0].draft/1", "where is it").failed().message(), "busy");
  const v1::DoResponse second = Ask("task/handle[0].draft/2", "where is it");
  EXPECT_EQ(second.done().output_json(), R"({"finish":"stop","text":"on its way","tokens":7})");
  EXPECT_EQ(second.done().usage().generated_tokens(), 7);
  EXPECT_THAT(Ask("task/handle[0].draft/3", "where is it").done().output_json(), HasSubstr("third"));
}

TEST_F(StandInAgentsTest, CountsForEachTaskByItself) {
  agents_->Announce("one", suite_.cases[0]);
  agents_->Announce("two", suite_.cases[0]);
  EXPECT_EQ(Ask("one/handle[0].draft/1", "where").failed().message(), "busy");
  EXPECT_EQ(Ask("two/handle[0].draft/1", "where").failed().message(), "busy");
  EXPECT_TRUE(Ask("one/handle[1].draft/1", "where").has_done());
}

TEST_F(StandInAgentsTest, WhatNoRuleFitsIsRemembered) {
  agents_->Announce("task", suite_.cases[0]);
  EXPECT_EQ(Ask("task/handle[0].draft/1", "x").failed().message(), "busy");
  // when
  const v1::DoResponse none = Ask("task/handle[0].draft/2", "hello");
  // then
  EXPECT_EQ(none.failed().code(), static_cast<int>(Code::kFailedPrecondition));
  EXPECT_THAT(agents_->Unmatched("task"),
              ElementsAre("no rule of agent 'writer' fits step handle[0].draft, attempt 2, which says: hello"));
  EXPECT_TRUE(agents_->Unmatched("other").empty());
}

TEST_F(StandInAgentsTest, AStepThatComesBeforeItsTaskIsAnnouncedWaits) {
  // given
  std::thread later;
  v1::DoResponse response;
  later = std::thread([&] { response = Ask("task/handle[0].draft/3", "where"); });
  // when: whichever comes first
  agents_->Announce("task", suite_.cases[0]);
  later.join();
  // then
  EXPECT_TRUE(response.has_failed() || response.has_done());
}

}  // namespace
}  // namespace troupe::rehearsal
