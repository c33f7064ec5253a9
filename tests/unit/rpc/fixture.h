// A real server on port 0 with a service whose behaviour each test sets, and a channel to it.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "runtime/rpc/channel.h"
#include "runtime/rpc/client_call.h"
#include "runtime/rpc/server.h"
#include "runtime/rpc/server_call.h"
#include "troupe/v1/agent.grpc.pb.h"

namespace troupe::rpc {

// Set once, waited for with a limit that only a broken program reaches.
class Flag {
 public:
  void Set() {
    std::lock_guard lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }
  [[nodiscard]] bool Wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), [this] { return set_; });
  }
  bool is_set() {
    std::lock_guard lock(mutex_);
    return set_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

using WorkReactor = grpc::ServerBidiReactor<v1::WorkRequest, v1::WorkResponse>;
using ReportReactor = grpc::ServerWriteReactor<v1::ReportResponse>;

// Answers every Start and Answer with a Delta of the same text, and ends OK at the end of input.
class EchoCall : public ServerStreamCall<v1::WorkRequest, v1::WorkResponse> {
 public:
  struct Events {
    std::shared_ptr<Flag> cancelled = std::make_shared<Flag>();
    std::shared_ptr<Flag> ended = std::make_shared<Flag>();
  };
  explicit EchoCall(Events events) : events_(std::move(events)) {}

 private:
  bool OnMessage(v1::WorkRequest& request) override {
    v1::WorkResponse response;
    response.mutable_delta()->set_text(request.has_start() ? request.start().input_json()
                                                           : request.answer().output_json());
    return Send(std::move(response));
  }
  void OnInputEnd() override { End(grpc::Status::OK); }
  void OnCancelled() override {
    events_.cancelled->Set();
    End(Status(Cancelled("client went")));
  }
  void OnEnded() override { events_.ended->Set(); }
  Events events_;
};

struct TestService final : v1::AgentService::CallbackService {
  std::function<grpc::ServerUnaryReactor*(grpc::CallbackServerContext*, v1::DescribeResponse*)> describe;
  std::function<WorkReactor*(grpc::CallbackServerContext*)> work;
  std::function<ReportReactor*(grpc::CallbackServerContext*)> report;

  grpc::ServerUnaryReactor* Describe(grpc::CallbackServerContext* context, const v1::DescribeRequest*,
                                     v1::DescribeResponse* response) override {
    return describe(context, response);
  }
  WorkReactor* Work(grpc::CallbackServerContext* context) override { return work(context); }
  ReportReactor* Report(grpc::CallbackServerContext* context, const v1::ReportRequest*) override {
    return report(context);
  }
};

class RpcTest : public testing::Test {
 protected:
  void SetUp() override {
    ServerOptions options;
    options.addresses = {"127.0.0.1:0"};
    options.services = {{&service_, v1::AgentService::service_full_name()}};
    auto server = Server::Start(options);
    ASSERT_TRUE(server) << ToString(server.error());
    server_ = std::move(*server);
    auto channel = OpenChannel(server_->addresses()[0], {.own_connection = true});
    ASSERT_TRUE(channel) << ToString(channel.error());
    channel_ = std::move(*channel);
    stub_ = v1::AgentService::NewStub(channel_);
  }

  // Before what handlers use goes: a call that its client has given up may still arrive.
  void TearDown() override { server_->Shutdown(std::chrono::milliseconds(0)); }

  auto DescribeMethod() {
    return [this](auto* context, const auto* request, auto* response, auto done) {
      stub_->async()->Describe(context, request, response, std::move(done));
    };
  }
  auto WorkMethod() {
    return [this](auto* context, auto* reactor) { stub_->async()->Work(context, reactor); };
  }
  auto ReportMethod() {
    return [this](auto* context, const auto* request, auto* reactor) {
      stub_->async()->Report(context, request, reactor);
    };
  }
  static v1::WorkRequest StartOf(const std::string& text) {
    v1::WorkRequest request;
    request.mutable_start()->set_input_json(text);
    return request;
  }
  static v1::WorkRequest AnswerOf(const std::string& text) {
    v1::WorkRequest request;
    request.mutable_answer()->set_output_json(text);
    return request;
  }

  TestService service_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::AgentService::Stub> stub_;
};

using WorkStream = ClientStream<v1::WorkRequest, v1::WorkResponse>;
using ReportReader = ClientReader<v1::ReportResponse>;

// What a stream said, and how it ended.
struct Heard {
  std::mutex mutex;
  std::string text;
  Flag done;
  grpc::Status status;

  std::string Text() {
    std::lock_guard lock(mutex);
    return text;
  }
  void Add(const std::string& more) {
    std::lock_guard lock(mutex);
    text += more;
  }
};

inline WorkStream::Handlers Listen(const std::shared_ptr<Heard>& heard) {
  return {.on_message =
              [heard](v1::WorkResponse& response) {
                heard->Add(response.delta().text());
                return true;
              },
          .on_done =
              [heard](const grpc::Status& status) {
                heard->status = status;
                heard->done.Set();
              }};
}

}  // namespace troupe::rpc
