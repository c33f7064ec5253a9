// The command line's side of the router's gRPC services. A command makes one call at a time and has nothing else to do,
// so calls block with a deadline and fail at once where no router is. Streams are those of router/client. Main thread
// only; nothing outlives the object.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>

#include "router/client/task_stream.h"
#include "runtime/base/error.h"
#include "troupe/v1/cache.grpc.pb.h"
#include "troupe/v1/graph.grpc.pb.h"
#include "troupe/v1/task.grpc.pb.h"

namespace troupe::cli {

using client::StreamState;
// The records of a task.
using RecordStream = client::TaskStream;

class Client {
 public:
  // Does not connect yet. `address` is "unix:/path" or "host:port".
  explicit Client(std::string address);

  const std::string& address() const { return address_; }

  // Waits at most `wait` until the channel is connected. Between tries at a call that failed because the router was
  // away this is what brings the channel back: gRPC connects only while somebody waits on the channel, else every 5 s.
  bool WaitForConnection(std::chrono::milliseconds wait);

  // Each blocks for at most 10 s (Apply, Lint: 60 s). UNAVAILABLE where no router answers, with what to do.
  Result<v1::SubmitResponse> Submit(const v1::SubmitRequest& request);
  Result<v1::GetResponse> Get(const std::string& task_id);
  Result<v1::ListResponse> List(const v1::ListRequest& request);
  Result<v1::CancelResponse> Cancel(const std::string& task_id, const std::string& reason);
  Result<v1::ForkResponse> Fork(const v1::ForkRequest& request);
  Result<v1::DecideResponse> Decide(const v1::DecideRequest& request);
  Result<v1::ApplyResponse> Apply(const v1::ApplyRequest& request);
  // As the current version.
  Result<v1::ApplyResponse> Apply(const v1::GraphSource& source);
  Result<v1::PromoteResponse> Promote(const v1::PromoteRequest& request);
  Result<v1::RollbackResponse> Rollback(const v1::RollbackRequest& request);
  Result<v1::ListVersionsResponse> ListVersions(const std::string& name);
  Result<v1::LintResponse> Lint(const v1::GraphSource& source);
  Result<v1::GetGraphResponse> GetGraph(const std::string& name, const std::string& version = "");
  // `wait`: how long to wait for the answer.
  Result<v1::ListGraphsResponse> ListGraphs(std::chrono::milliseconds wait = std::chrono::seconds(10));

  Result<v1::StatsResponse> CacheStats();
  Result<v1::ExplainResponse> CacheExplain(const v1::ExplainRequest& request);
  Result<v1::JudgeResponse> CacheJudge(const v1::JudgeRequest& request);
  Result<v1::PurgeResponse> CachePurge(const v1::PurgeRequest& request);
  // Blocks until the task has ended, or is answered by a kept answer; for at most a day.
  Result<v1::ExecuteResponse> Execute(const v1::SubmitRequest& request);

  // Sends a large input ahead and refers to it. Blocks for at most two minutes.
  troupe::Status UploadIfLarge(v1::SubmitRequest& request);
  // One call, its records as they come.
  std::unique_ptr<RecordStream> Watch(const v1::WatchRequest& request);
  // Follows a task, or hands one in and follows it, through restarts of the router.
  std::unique_ptr<RecordStream> Follow(client::TaskStreamSpec spec);
  // A stream's error, with how to start a router where none answers.
  Error Explain(const Error& error) const;

 private:
  // UNAVAILABLE at once where the address is a socket that is not there.
  troupe::Status CheckSocket() const;

  std::string address_;
  std::shared_ptr<grpc::Channel> channel_;
  std::shared_ptr<v1::TaskService::Stub> tasks_;
  std::unique_ptr<v1::GraphService::Stub> graphs_;
  std::unique_ptr<v1::CacheService::Stub> cache_;
};

// A gRPC status as an Error; UNAVAILABLE says which router was meant and how to start one.
Error ToError(const grpc::Status& status, const std::string& address);

}  // namespace troupe::cli
