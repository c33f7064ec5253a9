#include "router/cli/client.h"

#include <sys/stat.h>

#include <utility>

#include "router/cli/run_folder.h"
#include "router/client/upload.h"

namespace troupe::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::system_clock;

// A task with an uploaded input comes back whole.
constexpr int kMaxMessageBytes = 512 << 20;
constexpr seconds kCallTime{10};
constexpr seconds kApplyTime{60};
constexpr seconds kExecuteTime{24 * 3600};
constexpr seconds kUploadTime{120};

Error NoRouter(const std::string& address, const std::string& why) {
  return Unavailable("no router answers at " + address + (why.empty() ? "" : " (" + why + ")") +
                     "; start one with 'troupe up GRAPH.yaml', or say where it is with --router or TROUPE_ROUTER");
}

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  // a router that `up` starts again is back in a moment
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  // this one is also the time that a try at connecting may take: enough for a busy machine
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

// One unary call: a blocking stub method with a deadline.
template <typename Stub, typename Request, typename Response>
Result<Response> Call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                      const Request& request, milliseconds time, const std::string& address) {
  grpc::ClientContext context;
  context.set_deadline(system_clock::now() + time);
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return ToError(status, address);
  return response;
}

}  // namespace

Error ToError(const grpc::Status& status, const std::string& address) {
  const auto code = static_cast<Code>(status.error_code());
  // gRPC says UNAVAILABLE itself where nothing listens; the router's own UNAVAILABLE comes with a reason of its own
  if (code == Code::kUnavailable) return NoRouter(address, status.error_message());
  if (code == Code::kDeadlineExceeded) return NoRouter(address, "it took too long");
  return Error{code, status.error_message()};
}

Client::Client(std::string address)
    : address_(std::move(address)),
      channel_(MakeChannel(address_)),
      tasks_(v1::TaskService::NewStub(channel_)),
      graphs_(v1::GraphService::NewStub(channel_)),
      cache_(v1::CacheService::NewStub(channel_)) {}

troupe::Status Client::CheckSocket() const {
  const std::string path = SocketPathOf(address_);
  struct stat info{};
  if (!path.empty() && stat(path.c_str(), &info) != 0) return NoRouter(address_, "");
  return {};
}

bool Client::WaitForConnection(milliseconds wait) { return channel_->WaitForConnected(system_clock::now() + wait); }

Result<v1::SubmitResponse> Client::Submit(const v1::SubmitRequest& request) {
  TRY(CheckSocket());
  return Call<v1::TaskService::Stub>(*tasks_, &v1::TaskService::Stub::Submit, request, kCallTime, address_);
}

Result<v1::GetResponse> Client::Get(const std::string& task_id) {
  TRY(CheckSocket());
  v1::GetRequest request;
  request.set_task_id(task_id);
  return Call<v1::TaskService::Stub>(*tasks_, &v1::TaskService::Stub::Get, request, kCallTime, address_);
}

Result<v1::ListResponse> Client::List(const v1::ListRequest& request) {
  TRY(CheckSocket());
  return Call<v1::TaskService::Stub>(*tasks_, &v1::TaskService::Stub::List, request, kCallTime, address_);
}

Result<v1::CancelResponse> Client::Cancel(const std::string& task_id, const std::string& reason) {
  TRY(CheckSocket());
  v1::CancelRequest request;
  request.set_task_id(task_id);
  request.set_reason(reason);
  return Call<v1::TaskService::Stub>(*tasks_, &v1::TaskService::Stub::Cancel, request, kCallTime, address_);
}

Result<v1::ForkResponse> Client::Fork(const v1::ForkRequest& request) {
  TRY(CheckSocket());
  return Call<v1::TaskService::Stub>(*tasks_, &v1::TaskService::Stub::Fork, request, kCallTime, address_);
}

Result<v1::DecideResponse> Client::Decide(const v1::DecideRequest& request) {
  TRY(CheckSocket());
  return Call<v1::TaskService::Stub>(*tasks_, &v1::TaskService::Stub::Decide, request, kCallTime, address_);
}

Result<v1::ApplyResponse> Client::Apply(const v1::ApplyRequest& request) {
  TRY(CheckSocket());
  return Call<v1::GraphService::Stub>(*graphs_, &v1::GraphService::Stub::Apply, request, kApplyTime, address_);
}

Result<v1::ApplyResponse> Client::Apply(const v1::GraphSource& source) {
  v1::ApplyRequest request;
  *request.mutable_source() = source;
  return Apply(request);
}

Result<v1::PromoteResponse> Client::Promote(const v1::PromoteRequest& request) {
  TRY(CheckSocket());
  return Call<v1::GraphService::Stub>(*graphs_, &v1::GraphService::Stub::Promote, request, kCallTime, address_);
}

Result<v1::RollbackResponse> Client::Rollback(const v1::RollbackRequest& request) {
  TRY(CheckSocket());
  return Call<v1::GraphService::Stub>(*graphs_, &v1::GraphService::Stub::Rollback, request, kCallTime, address_);
}

Result<v1::StatsResponse> Client::CacheStats() {
  TRY(CheckSocket());
  return Call<v1::CacheService::Stub>(*cache_, &v1::CacheService::Stub::Stats, v1::StatsRequest(), kCallTime, address_);
}

Result<v1::ExplainResponse> Client::CacheExplain(const v1::ExplainRequest& request) {
  TRY(CheckSocket());
  return Call<v1::CacheService::Stub>(*cache_, &v1::CacheService::Stub::Explain, request, kCallTime, address_);
}

Result<v1::JudgeResponse> Client::CacheJudge(const v1::JudgeRequest& request) {
  TRY(CheckSocket());
  return Call<v1::CacheService::Stub>(*cache_, &v1::CacheService::Stub::Judge, request, kCallTime, address_);
}

Result<v1::PurgeResponse> Client::CachePurge(const v1::PurgeRequest& request) {
  TRY(CheckSocket());
  return Call<v1::CacheService::Stub>(*cache_, &v1::CacheService::Stub::Purge, request, kCallTime, address_);
}

Result<v1::ExecuteResponse> Client::Execute(const v1::SubmitRequest& request) {
  TRY(CheckSocket());
  v1::ExecuteRequest execute;
  *execute.mutable_submit() = request;
  return Call<v1::TaskService::Stub>(*tasks_, &v1::TaskService::Stub::Execute, execute, kExecuteTime, address_);
}

Result<v1::ListVersionsResponse> Client::ListVersions(const std::string& name) {
  TRY(CheckSocket());
  v1::ListVersionsRequest request;
  request.set_name(name);
  return Call<v1::GraphService::Stub>(*graphs_, &v1::GraphService::Stub::ListVersions, request, kCallTime, address_);
}

Result<v1::LintResponse> Client::Lint(const v1::GraphSource& source) {
  TRY(CheckSocket());
  v1::LintRequest request;
  *request.mutable_source() = source;
  return Call<v1::GraphService::Stub>(*graphs_, &v1::GraphService::Stub::Lint, request, kApplyTime, address_);
}

Result<v1::GetGraphResponse> Client::GetGraph(const std::string& name, const std::string& version) {
  TRY(CheckSocket());
  v1::GetGraphRequest request;
  request.set_name(name);
  request.set_version(version);
  return Call<v1::GraphService::Stub>(*graphs_, &v1::GraphService::Stub::GetGraph, request, kCallTime, address_);
}

Result<v1::ListGraphsResponse> Client::ListGraphs(milliseconds wait) {
  TRY(CheckSocket());
  return Call<v1::GraphService::Stub>(*graphs_, &v1::GraphService::Stub::ListGraphs, v1::ListGraphsRequest(), wait,
                                      address_);
}

troupe::Status Client::UploadIfLarge(v1::SubmitRequest& request) {
  if (request.input_json().size() <= client::kMaxInlineBytes) return {};
  TRY(CheckSocket());
  const auto sha256 = client::Upload(*tasks_, request.input_json(), kUploadTime);
  if (!sha256) return Explain(sha256.error());
  request.clear_input_json();
  request.set_input_sha256(*sha256);
  return {};
}

std::unique_ptr<RecordStream> Client::Watch(const v1::WatchRequest& request) {
  client::TaskStreamSpec spec{request.task_id(), request.after_sequence(), request.detail()};
  spec.resume = client::Resume::kNo;
  return Follow(std::move(spec));
}

std::unique_ptr<RecordStream> Client::Follow(client::TaskStreamSpec spec) {
  return std::make_unique<RecordStream>(channel_, tasks_, std::move(spec));
}

Error Client::Explain(const Error& error) const {
  // gRPC says UNAVAILABLE itself where nothing listens; the router's own UNAVAILABLE comes with a reason of its own
  if (error.code == Code::kUnavailable) return NoRouter(address_, error.message);
  return error;
}

}  // namespace troupe::cli
