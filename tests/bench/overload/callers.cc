#include "tests/bench/overload/callers.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "tests/bench/common.h"
#include "troupe/v1/task.grpc.pb.h"

namespace troupe::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr char kTimeoutLabel[] = "timeout_ms";

Error FromGrpc(const grpc::Status& status) { return {static_cast<Code>(status.error_code()), status.error_message()}; }

// One task, to its end.
Code CallOnce(v1::TaskService::Stub& stub, int64_t timeout_ms) {
  grpc::ClientContext context;
  // the task's own deadline is to come first
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(timeout_ms + 1000));
  v1::ExecuteRequest request;
  request.mutable_submit()->set_graph("overload");
  request.mutable_submit()->set_input_json(R"({"text":"hello"})");
  request.mutable_submit()->set_timeout_ms(timeout_ms);
  (*request.mutable_submit()->mutable_labels())[kTimeoutLabel] = std::to_string(timeout_ms);
  v1::ExecuteResponse response;
  const grpc::Status status = stub.Execute(&context, request, &response);
  return status.ok() ? static_cast<Code>(response.task().error_code()) : static_cast<Code>(status.error_code());
}

}  // namespace

Answers CallTooMuch(const std::string& address, int callers, double seconds) {
  Answers answers;
  std::mutex mutex;
  const auto begin = Steady::now();
  const auto end = begin + std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(seconds));
  // as many connections as a fleet of clients has, not one a caller
  constexpr int kChannels = 16;
  std::vector<std::shared_ptr<v1::TaskService::Stub>> stubs;
  for (int i = 0; i < kChannels; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stubs.push_back(
        v1::TaskService::NewStub(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments)));
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < callers; ++i) {
    threads.emplace_back([&, i] {
      std::mt19937 random(static_cast<unsigned>(i));
      std::map<Code, int64_t> mine;
      while (Steady::now() < end) {
        const Code code = CallOnce(*stubs[static_cast<size_t>(i % kChannels)],
                                   std::uniform_int_distribution<int64_t>(50, 500)(random));
        ++mine[code];
        // whoever is refused comes again soon, not at once
        if (code == Code::kResourceExhausted) std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
      const std::lock_guard lock(mutex);
      for (const auto& [code, count] : mine) answers.by_code[code] += count;
    });
  }
  for (std::thread& thread : threads) thread.join();
  answers.seconds = std::chrono::duration<double>(Steady::now() - begin).count();
  return answers;
}

Result<Aftermath> LookBack(const std::string& address) {
  const auto stub = v1::TaskService::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  Aftermath aftermath;
  std::vector<double> late_ms;
  v1::ListRequest list;
  list.set_graph("overload");
  list.set_page_size(1000);
  do {
    grpc::ClientContext context;
    v1::ListResponse page;
    if (const grpc::Status status = stub->List(&context, list, &page); !status.ok()) return FromGrpc(status);
    for (const v1::Task& task : page.tasks()) {
      grpc::ClientContext one;
      v1::GetRequest get;
      get.set_task_id(task.task_id());
      v1::GetResponse got;
      if (const grpc::Status status = stub->Get(&one, get, &got); !status.ok()) return FromGrpc(status);
      const int64_t deadline_ms = got.task().accepted_ms() + std::stoll(got.task().labels().at(kTimeoutLabel));
      ++aftermath.tasks;
      late_ms.push_back(static_cast<double>(std::max<int64_t>(0, got.task().ended_ms() - deadline_ms)));
      for (const v1::Step& step : got.steps()) {
        for (const v1::Attempt& attempt : step.attempts())
          aftermath.sent_late += attempt.site().sent_ms() > deadline_ms;
      }
    }
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty());
  aftermath.p99_late_ms = Quantile(late_ms, 0.99);
  aftermath.max_late_ms = Quantile(late_ms, 1.0);
  return aftermath;
}

}  // namespace troupe::bench
