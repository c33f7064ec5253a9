#include "router/client/client.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "router/client/upload.h"
#include "runtime/base/id.h"
#include "runtime/rpc/channel.h"
#include "runtime/rpc/status.h"

namespace troupe::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using std::chrono::system_clock;

// A task with an uploaded input comes back whole.
constexpr int kMaxMessageBytes = 512 << 20;
constexpr milliseconds kFirstPause{100};
constexpr milliseconds kMaxPause{1'000};

// A slow line, 8 Mbit/s.
constexpr size_t kLeastBytesPerMs = 1'000;

// A router that was there and full says when to come again; one that is away says nothing.
bool IsWorthAnotherTry(const Error& error) {
  return error.code == Code::kUnavailable || (error.code == Code::kResourceExhausted && error.retry_after_ms > 0);
}

// Tries until `time` is over. `once` makes one try in the time that it is given. All calls may be repeated: those that
// make something carry a request_id or are named by their content.
template <typename T>
Result<T> Try(grpc::Channel& channel, Retry retry, milliseconds time,
              const std::function<Result<T>(milliseconds left)>& once) {
  const auto until = steady_clock::now() + time;
  for (milliseconds pause = kFirstPause;; pause = std::min(2 * pause, kMaxPause)) {
    Result<T> done = once(std::chrono::duration_cast<milliseconds>(until - steady_clock::now()));
    if (done) return done;
    const Error& error = done.error();
    pause = std::max(pause, milliseconds(error.retry_after_ms));
    if (retry == Retry::kNever || !IsWorthAnotherTry(error) || steady_clock::now() + pause >= until) return done;
    if (error.code == Code::kUnavailable && channel.GetState(false) != GRPC_CHANNEL_READY) {
      // gRPC connects only while somebody waits on the channel
      channel.WaitForConnected(system_clock::now() + pause);
    } else {
      std::this_thread::sleep_for(pause);
    }
  }
}

// The same for a method of the generated stub.
template <typename Request, typename Response>
Result<Response> Try(grpc::Channel& channel, const ClientOptions& options, v1::TaskService::Stub& stub,
                     grpc::Status (v1::TaskService::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                     const Request& request) {
  return Try<Response>(channel, options.retry, options.call_time, [&](milliseconds left) -> Result<Response> {
    grpc::ClientContext context;
    context.set_deadline(system_clock::now() + left);
    Response response;
    const grpc::Status status = (stub.*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpc(status);
    return response;
  });
}

}  // namespace

Result<Client> Client::Connect(ClientOptions options) {
  rpc::ChannelOptions channel_options;
  channel_options.tls = options.tls;
  channel_options.max_receive_bytes = kMaxMessageBytes;
  channel_options.max_reconnect_backoff = milliseconds(500);
  TRY_ASSIGN(auto channel, rpc::OpenChannel(options.address, channel_options));
  return Client(std::move(options), std::move(channel));
}

Client::Client(ClientOptions options, std::shared_ptr<grpc::Channel> channel)
    : options_(std::move(options)), channel_(std::move(channel)), tasks_(v1::TaskService::NewStub(channel_)) {}

Status Client::Prepare(v1::SubmitRequest& request) {
  if (request.request_id().empty()) request.set_request_id("client-" + NewUuid7());
  if (request.input_json().size() <= kMaxInlineBytes) return {};
  // a large input takes its time
  const milliseconds time = options_.call_time + milliseconds(request.input_json().size() / kLeastBytesPerMs);
  TRY_ASSIGN(std::string sha256, Try<std::string>(*channel_, options_.retry, time, [&](milliseconds left) {
               return Upload(*tasks_, request.input_json(), left);
             }));
  request.clear_input_json();
  request.set_input_sha256(std::move(sha256));
  return {};
}

Result<v1::SubmitResponse> Client::Submit(v1::SubmitRequest request) {
  TRY(Prepare(request));
  return Try(*channel_, options_, *tasks_, &v1::TaskService::Stub::Submit, request);
}

Result<Outcome> Client::Run(v1::SubmitRequest submit, milliseconds time) {
  TRY(Prepare(submit));
  v1::ExecuteRequest request;
  *request.mutable_submit() = std::move(submit);
  const bool no_limit = time.count() == 0;
  const milliseconds limit = no_limit ? milliseconds(std::chrono::hours(24 * 30)) : time;
  const auto execute = [&](milliseconds left) -> Result<v1::ExecuteResponse> {
    grpc::ClientContext context;
    if (!no_limit) context.set_deadline(system_clock::now() + left);
    v1::ExecuteResponse response;
    const grpc::Status status = tasks_->Execute(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpc(status);
    return response;
  };
  TRY_ASSIGN(const v1::ExecuteResponse response, Try<v1::ExecuteResponse>(*channel_, options_.retry, limit, execute));
  const v1::Task& task = response.task();
  Outcome outcome;
  outcome.task_id = task.task_id();
  outcome.output_json = task.output_json();
  outcome.failed_path = task.error_path();
  if (task.state() != v1::TASK_STATE_DONE) {
    outcome.status = Error{static_cast<Code>(task.error_code()), task.error_message()};
  }
  return outcome;
}

Result<std::unique_ptr<TaskStream>> Client::RunStream(v1::SubmitRequest request, v1::Detail detail) {
  TRY(Prepare(request));
  TaskStreamSpec spec{"", 0, detail, std::move(request), options_.patience, AtFirst::kMustAnswer};
  if (options_.retry == Retry::kSafe) spec.at_first = AtFirst::kMayBeAway;
  return std::make_unique<TaskStream>(channel_, tasks_, std::move(spec));
}

std::unique_ptr<TaskStream> Client::Watch(const std::string& task_id, int64_t after_sequence, v1::Detail detail) {
  TaskStreamSpec spec{task_id, after_sequence, detail, std::nullopt, options_.patience, AtFirst::kMustAnswer};
  if (options_.retry == Retry::kSafe) spec.at_first = AtFirst::kMayBeAway;
  return std::make_unique<TaskStream>(channel_, tasks_, std::move(spec));
}

Result<v1::GetResponse> Client::Get(const std::string& task_id) {
  v1::GetRequest request;
  request.set_task_id(task_id);
  return Try(*channel_, options_, *tasks_, &v1::TaskService::Stub::Get, request);
}

Result<v1::ListResponse> Client::List(const v1::ListRequest& request) {
  return Try(*channel_, options_, *tasks_, &v1::TaskService::Stub::List, request);
}

Result<v1::CancelResponse> Client::Cancel(const std::string& task_id, const std::string& reason) {
  v1::CancelRequest request;
  request.set_task_id(task_id);
  request.set_reason(reason);
  return Try(*channel_, options_, *tasks_, &v1::TaskService::Stub::Cancel, request);
}

}  // namespace troupe::client
