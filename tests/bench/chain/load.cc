#include "tests/bench/chain/load.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/client_unary_call.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "runtime/base/value.h"
#include "troupe/v1/task.grpc.pb.h"

namespace troupe::bench {
namespace {

using Steady = std::chrono::steady_clock;

double Microseconds(Steady::duration duration) { return std::chrono::duration<double, std::micro>(duration).count(); }

Result<std::shared_ptr<grpc::Channel>> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  auto channel = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  if (!channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10))) {
    return Unavailable("no answer from " + address);
  }
  return channel;
}

Error FromGrpc(const grpc::Status& status) { return {static_cast<Code>(status.error_code()), status.error_message()}; }

// Field 1, length-delimited: protobuf's wire format, so that one load drives servers of any package.
std::string WireText(const std::string& text) {
  std::string bytes = "\x0a";
  for (size_t rest = text.size();;) {
    const auto low = static_cast<unsigned char>(rest & 0x7F);
    rest >>= 7;
    bytes.push_back(static_cast<char>(rest > 0 ? low | 0x80 : low));
    if (rest == 0) break;
  }
  return bytes + text;
}

Status RunTask(v1::TaskService::Stub& stub, const v1::ExecuteRequest& request, const std::string& text) {
  grpc::ClientContext context;
  v1::ExecuteResponse response;
  if (const grpc::Status status = stub.Execute(&context, request, &response); !status.ok()) return FromGrpc(status);
  const v1::Task& task = response.task();
  if (task.state() != v1::TASK_STATE_DONE) return Internal("a chain failed: " + task.error_message());
  // the text holds nothing that JSON escapes, so finding it is enough
  if (task.output_json().find(text) == std::string::npos) {
    return Internal("a chain ended without its text: " + task.output_json());
  }
  return {};
}

}  // namespace

Result<LoadResult> Load::Run(int callers, Amount amount) {
  while (static_cast<int>(calls_.size()) < callers) {
    TRY_ASSIGN(Call call, make_());
    calls_.push_back(std::move(call));
  }
  std::vector<std::vector<double>> latencies(static_cast<size_t>(callers));
  std::atomic<int64_t> started{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  Status outcome;
  const Steady::time_point begin = Steady::now();
  const Steady::time_point end =
      begin + std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(amount.seconds));
  std::vector<std::thread> threads;
  for (int i = 0; i < callers; ++i) {
    threads.emplace_back([&, i] {
      while (!failed) {
        const Steady::time_point start = Steady::now();
        if (amount.chains > 0 ? started++ >= amount.chains : start >= end) break;
        if (Status status = calls_[static_cast<size_t>(i)](); !status) {
          const std::lock_guard lock(mutex);
          if (!failed.exchange(true)) outcome = std::move(status);
          break;
        }
        latencies[static_cast<size_t>(i)].push_back(Microseconds(Steady::now() - start));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  TRY(outcome);
  LoadResult result{.seconds = Microseconds(Steady::now() - begin) / 1e6};
  std::vector<double> all;
  for (const auto& some : latencies) all.insert(all.end(), some.begin(), some.end());
  if (all.empty()) return Internal("no chain ended in time");
  std::ranges::sort(all);
  result.chains = static_cast<int64_t>(all.size());
  result.p50_us = all[all.size() / 2];
  result.p99_us = all[std::min(all.size() - 1, all.size() * 99 / 100)];
  return result;
}

MakeCall UnaryCalls(const std::string& address, const std::string& method, const std::string& text) {
  return [address, method, bytes = WireText(text)]() -> Result<Call> {
    TRY_ASSIGN(auto channel, Connect(address));
    return Call([channel, method, bytes]() -> Status {
      const grpc::internal::RpcMethod rpc(method.c_str(), grpc::internal::RpcMethod::NORMAL_RPC, channel);
      const grpc::Slice slice(bytes.data(), bytes.size());
      const grpc::ByteBuffer request(&slice, 1);
      grpc::ByteBuffer response;
      grpc::ClientContext context;
      const grpc::Status status = grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
          channel.get(), rpc, &context, request, &response);
      if (!status.ok()) return FromGrpc(status);
      if (response.Length() != bytes.size()) return Internal("a chain came back with another length");
      return {};
    });
  };
}

MakeCall TaskCalls(const std::string& address, const std::string& text) {
  return [address, text]() -> Result<Call> {
    TRY_ASSIGN(auto channel, Connect(address));
    std::shared_ptr<v1::TaskService::Stub> stub = v1::TaskService::NewStub(channel);
    v1::ExecuteRequest request;
    request.mutable_submit()->set_graph("chain");
    request.mutable_submit()->set_input_json(Dump(Value{{"text", text}}));
    return Call([stub, request, text] { return RunTask(*stub, request, text); });
  };
}

}  // namespace troupe::bench
