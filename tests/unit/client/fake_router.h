// A real gRPC server that stands for the router and fails as it is told, so that failing and resuming are the real
// thing.
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "router/client/client.h"
#include "runtime/base/digest.h"
#include "tests/support/temp_folder.h"

namespace troupe::client {

class FakeRouter final : public v1::TaskService::Service {
 public:
  // Answered, one after another, in place of doing what is asked.
  std::deque<grpc::Status> refusals;
  // Of the one task.
  std::vector<v1::Record> records;
  // What Execute answers.
  v1::Task task;
  // A stream breaks off after so many records.
  int break_after = 1'000;
  // What was asked.
  std::vector<std::string> request_ids;
  std::vector<int64_t> watched_after;
  std::vector<v1::SubmitRequest> submits;
  // What came by Upload, by digest; of a call that is refused, nothing.
  std::map<std::string, std::string> uploads;
  int calls = 0;
  std::mutex mutex;

  grpc::Status Submit(grpc::ServerContext*, const v1::SubmitRequest* request, v1::SubmitResponse* response) override {
    const std::lock_guard lock(mutex);
    request_ids.push_back(request->request_id());
    submits.push_back(*request);
    response->set_task_id("task-1");
    return Refusal();
  }
  grpc::Status Upload(grpc::ServerContext*, grpc::ServerReader<v1::UploadRequest>* reader,
                      v1::UploadResponse* response) override {
    const std::lock_guard lock(mutex);
    v1::UploadRequest piece;
    reader->Read(&piece);
    const std::string said = piece.sha256();
    if (uploads.contains(said)) return grpc::Status::OK;
    if (const grpc::Status refused = Refusal(); !refused.ok()) return refused;
    std::string bytes = piece.chunk();
    while (reader->Read(&piece)) bytes += piece.chunk();
    if (Sha256Hex(bytes) != said) return {grpc::StatusCode::INVALID_ARGUMENT, "other bytes than was said"};
    response->set_sha256(said);
    uploads[said] = std::move(bytes);
    return grpc::Status::OK;
  }
  grpc::Status Get(grpc::ServerContext*, const v1::GetRequest* request, v1::GetResponse* response) override {
    const std::lock_guard lock(mutex);
    response->mutable_task()->set_task_id(request->task_id());
    return Refusal();
  }
  grpc::Status Run(grpc::ServerContext*, const v1::RunRequest* request,
                   grpc::ServerWriter<v1::RunResponse>* writer) override {
    const std::lock_guard lock(mutex);
    request_ids.push_back(request->submit().request_id());
    if (const grpc::Status refused = Refusal(); !refused.ok()) return refused;
    v1::RunResponse response;
    response.set_task_id("task-1");
    return Send(*writer, response, 0);
  }
  grpc::Status Execute(grpc::ServerContext*, const v1::ExecuteRequest* request,
                       v1::ExecuteResponse* response) override {
    const std::lock_guard lock(mutex);
    request_ids.push_back(request->submit().request_id());
    *response->mutable_task() = task;
    return Refusal();
  }
  grpc::Status Watch(grpc::ServerContext*, const v1::WatchRequest* request,
                     grpc::ServerWriter<v1::WatchResponse>* writer) override {
    const std::lock_guard lock(mutex);
    watched_after.push_back(request->after_sequence());
    if (const grpc::Status refused = Refusal(); !refused.ok()) return refused;
    v1::WatchResponse response;
    // one more than asked for: a client must not pass it on twice
    return Send(*writer, response, std::max<int64_t>(0, request->after_sequence() - 1));
  }

 private:
  grpc::Status Refusal() {
    ++calls;
    if (refusals.empty()) return grpc::Status::OK;
    const grpc::Status status = refusals.front();
    refusals.pop_front();
    return status;
  }
  template <typename Response>
  grpc::Status Send(grpc::ServerWriter<Response>& writer, Response response, int64_t after) {
    int sent = 0;
    for (const v1::Record& record : records) {
      if (record.sequence() <= after) continue;
      if (sent++ == break_after) return {grpc::StatusCode::UNAVAILABLE, "going away"};
      *response.mutable_record() = record;
      writer.Write(response);
    }
    return grpc::Status::OK;
  }
};

class WithFakeRouter : public testing::Test {
 protected:
  void SetUp() override {
    options_.address = "unix:" + (folder_.path / "router.sock").string();
    Start();
    for (int64_t i = 1; i <= 6; ++i) {
      v1::Record record;
      record.set_task_id("task-1");
      record.set_sequence(i);
      if (i == 6) record.add_decisions()->mutable_finish_task()->mutable_output()->set_json("{\"text\":\"yes\"}");
      router_.records.push_back(record);
    }
    router_.task.set_task_id("task-1");
    router_.task.set_state(v1::TASK_STATE_DONE);
    router_.task.set_output_json("{\"text\":\"yes\"}");
  }
  void TearDown() override { server_->Shutdown(); }
  void Start() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(options_.address, grpc::InsecureServerCredentials());
    builder.RegisterService(&router_);
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
  }
  Client Connected() { return Client::Connect(options_).value(); }
  static v1::SubmitRequest Request() {
    v1::SubmitRequest request;
    request.set_graph("shop");
    return request;
  }
  static grpc::Status Away() { return {grpc::StatusCode::UNAVAILABLE, "going away"}; }

  const TempFolder folder_;
  ClientOptions options_;
  FakeRouter router_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace troupe::client
