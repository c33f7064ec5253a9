// A router on a unix socket in a folder of its own, with two fake agents and a client.
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "router/gateway/router.h"
#include "runtime/base/id.h"
#include "runtime/rpc/channel.h"
#include "tests/unit/gateway/fake_agent.h"
#include "troupe/v1/graph.grpc.pb.h"
#include "troupe/v1/task.grpc.pb.h"

namespace troupe::gateway {

// `first` may stream, `second` is of a kind so configured that it does not.
inline constexpr char kGraph[] = R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: pair}
spec:
  input:
    text: {type: string, maxLength: 100000}
  pools:
    cpu: {device: cpu}
  agents:
    first: {kind: scripted, pool: cpu}
    second: {kind: scripted, pool: cpu, echo: true}
  steps:
    one: {agent: first, input: {text: "{{ input.text }}"}}
    two: {agent: second, input: {text: "{{ steps.one.text }}"}}
  output: "{{ steps.two.text }}"
)";

class RouterTest : public testing::Test {
 protected:
  RouterTest() : folder_(std::filesystem::temp_directory_path() / ("tr-" + NewUuid7().substr(24))) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "pair.yaml") << kGraph;
    std::ofstream(folder_ / "agents.json")
        << R"([{"graph":"pair","agent":"first","replica":"first-0","address":")" << Socket("first-0") << R"("},)"
        << R"({"graph":"pair","agent":"second","replica":"second-0","address":")" << Socket("second-0") << R"("}])";
  }
  ~RouterTest() override { std::filesystem::remove_all(folder_); }
  // Before members of derived classes go, which the router's log and options use.
  void TearDown() override { router_.reset(); }

  std::string Socket(const std::string& name) const { return "unix:" + (folder_ / name).string() + ".sock"; }

  virtual RouterOptions Options() {
    RouterOptions options;
    options.listen = {Socket("router")};
    options.data = folder_ / "data";
    options.agents = folder_ / "agents.json";
    options.graphs = {(folder_ / "pair.yaml").string()};
    options.dispatch.limits.resend_pause_ms = 1;
    return options;
  }

  void StartRouter() {
    Result<std::unique_ptr<Router>> router = Router::Start(Options());
    ASSERT_TRUE(router) << router.error().message;
    router_ = std::move(*router);
    Connect();
  }
  void Connect() {
    auto channel = rpc::OpenChannel(Socket("router"), {.own_connection = true});
    ASSERT_TRUE(channel);
    tasks_ = v1::TaskService::NewStub(*channel);
    graphs_ = v1::GraphService::NewStub(*channel);
  }

  static void Limit(grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  }

  static v1::SubmitRequest Request(const std::string& text = "hello", const std::string& request_id = "") {
    v1::SubmitRequest request;
    request.set_graph("pair");
    request.set_input_json(Dump(Value{{"text", text}}));
    request.set_request_id(request_id);
    return request;
  }
  grpc::Status Submit(const v1::SubmitRequest& request, std::string* task_id = nullptr) {
    grpc::ClientContext context;
    Limit(context);
    v1::SubmitResponse response;
    const grpc::Status status = tasks_->Submit(&context, request, &response);
    if (task_id) *task_id = response.task_id();
    return status;
  }
  std::string MustSubmit(const v1::SubmitRequest& request = Request()) {
    std::string task_id;
    const grpc::Status status = Submit(request, &task_id);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return task_id;
  }
  // The records of a new task until it ends.
  std::vector<v1::Record> Run(v1::Detail detail) {
    grpc::ClientContext context;
    Limit(context);
    v1::RunRequest request;
    *request.mutable_submit() = Request();
    request.set_detail(detail);
    const auto reader = tasks_->Run(&context, request);
    std::vector<v1::Record> out;
    for (v1::RunResponse response; reader->Read(&response);) out.push_back(response.record());
    const grpc::Status status = reader->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return out;
  }
  // All records until the stream ends.
  std::vector<v1::Record> Watch(const std::string& task_id, int64_t after = 0, v1::Detail detail = v1::DETAIL_TEXT) {
    grpc::ClientContext context;
    Limit(context);
    v1::WatchRequest request;
    request.set_task_id(task_id);
    request.set_after_sequence(after);
    request.set_detail(detail);
    const auto reader = tasks_->Watch(&context, request);
    std::vector<v1::Record> out;
    for (v1::WatchResponse response; reader->Read(&response);) out.push_back(response.record());
    const grpc::Status status = reader->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return out;
  }
  v1::GetResponse Get(const std::string& task_id) {
    grpc::ClientContext context;
    Limit(context);
    v1::GetRequest request;
    request.set_task_id(task_id);
    v1::GetResponse response;
    const grpc::Status status = tasks_->Get(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  v1::TaskState Cancel(const std::string& task_id) {
    grpc::ClientContext context;
    Limit(context);
    v1::CancelRequest request;
    request.set_task_id(task_id);
    request.set_reason("no longer needed");
    v1::CancelResponse response;
    const grpc::Status status = tasks_->Cancel(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.state();
  }

  // The step's input as its output, at once.
  static void Echo(const FakeAgent::WorkPtr& work) { work->Done(work->start().input_json()); }

  const std::filesystem::path folder_;
  std::unique_ptr<v1::TaskService::Stub> tasks_;
  std::unique_ptr<v1::GraphService::Stub> graphs_;
  std::unique_ptr<Router> router_;
};

// Sequences 1, 2, 3, ... from `first`.
inline void ExpectNoGap(const std::vector<v1::Record>& records, int64_t first = 1) {
  for (size_t i = 0; i < records.size(); ++i) EXPECT_EQ(records[i].sequence(), first + static_cast<int64_t>(i));
}

}  // namespace troupe::gateway
