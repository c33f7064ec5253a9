// A client of Troupe for C++ programs: hand tasks in, follow them, get answers. The whole of it:
//
// ```cpp
// #include <iostream>
//
// #include "router/client/client.h"
//
// using namespace troupe;
//
// int main(int argc, char** argv) {
//   if (argc != 4) return 2;  // ADDRESS GRAPH MESSAGE
//   auto client = client::Client::Connect({.address = argv[1]});
//   if (!client) return std::cerr << ToString(client.error()) << "\n", 1;
//
//   // hand a task in: once this has returned, the task survives any crash
//   v1::SubmitRequest request;
//   request.set_graph(argv[2]);
//   request.set_input_json(Dump({{"message", argv[3]}}));
//   auto submitted = client->Submit(request);
//   if (!submitted) return std::cerr << ToString(submitted.error()) << "\n", 1;
//
//   // follow it: text as it is written; a router that is started again in between is not noticed
//   auto stream = client->Watch(submitted->task_id());
//   while (auto record = stream->Next()) {
//     if (record->event().has_step_progress()) std::cerr << record->event().step_progress().text() << std::flush;
//   }
//   if (!stream->End()) return std::cerr << ToString(stream->End().error()) << "\n", 1;
//
//   // the answer, or why there is none
//   const client::Outcome& outcome = stream->outcome();
//   if (!outcome.status) return std::cerr << ToString(outcome.status.error()) << "\n", 1;
//   std::cout << outcome.output_json << "\n";
// }
// ```
//
// Blocking, thread-safe but for one TaskStream, and without threads of its own. Share one Client. Calls that may be
// repeated are, where the router was away; a task handed in twice by that is one task, because Submit and Run give each
// its request_id. An input that is too large for one message (3 MiB) is uploaded first, within call_time and a second
// for each megabyte. Nothing goes on after the object is gone, but tasks do.
#pragma once

#include <grpcpp/channel.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "router/client/task_stream.h"
#include "runtime/base/error.h"
#include "runtime/base/value.h"
#include "runtime/rpc/server.h"
#include "troupe/v1/task.grpc.pb.h"

namespace troupe::client {

enum class Retry {
  kSafe,   // again, with pauses, while the router is away and the call's time lasts
  kNever,  // the first failure is the answer
};

struct ClientOptions {
  // "unix:/path" or "host:port". Beyond this machine `tls` is needed.
  std::string address;
  std::optional<rpc::TlsFiles> tls;
  // What a call may take, tries included. Following a task may take as long as the task.
  std::chrono::milliseconds call_time{10'000};
  Retry retry = Retry::kSafe;
  // How long the router may be away while a task is followed.
  std::chrono::milliseconds patience{60'000};
};

class Client {
 public:
  // Connects when first used. Errors: INVALID_ARGUMENT for no address, FAILED_PRECONDITION for plaintext off the
  // machine and for TLS files that cannot be read.
  static Result<Client> Connect(ClientOptions options);

  // Returns once the task is durable. Errors: INVALID_ARGUMENT naming the field, NOT_FOUND for the graph,
  // RESOURCE_EXHAUSTED with retry_after_ms where the router is full, UNAVAILABLE where none answers.
  Result<v1::SubmitResponse> Submit(v1::SubmitRequest request);
  // Hands in and waits for the end, the quickest way to an answer. `time` 0 waits as long as the
  // task takes. Errors: as Submit; DEADLINE_EXCEEDED after `time` (the task goes on: see SubmitRequest.timeout_ms). A
  // task that failed is an Outcome that says so.
  Result<Outcome> Run(v1::SubmitRequest request, std::chrono::milliseconds time = std::chrono::milliseconds(0));
  // Hands in and follows in one call. Errors: those of uploading a large input.
  Result<std::unique_ptr<TaskStream>> RunStream(v1::SubmitRequest request, v1::Detail detail = v1::DETAIL_TEXT);
  // Follows a task from the record after `after_sequence` on.
  std::unique_ptr<TaskStream> Watch(const std::string& task_id, int64_t after_sequence = 0,
                                    v1::Detail detail = v1::DETAIL_TEXT);

  // Errors: NOT_FOUND.
  Result<v1::GetResponse> Get(const std::string& task_id);
  Result<v1::ListResponse> List(const v1::ListRequest& request);
  // Returns once the wish is durable; a task that has ended stays as it is. Errors: NOT_FOUND.
  Result<v1::CancelResponse> Cancel(const std::string& task_id, const std::string& reason);

  const std::string& address() const { return options_.address; }
  // For other services of the router.
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  // Gives a task its name, and sends a large input ahead.
  Status Prepare(v1::SubmitRequest& request);

  Client(ClientOptions options, std::shared_ptr<grpc::Channel> channel);

  ClientOptions options_;
  std::shared_ptr<grpc::Channel> channel_;
  std::shared_ptr<v1::TaskService::Stub> tasks_;
};

}  // namespace troupe::client
