#include "tests/bench/cancel/slot.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>

#include "tests/bench/common.h"
#include "troupe/v1/agent.grpc.pb.h"
#include "troupe/v1/task.grpc.pb.h"

namespace troupe::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int kTokensBefore = 12;

double Ms(Steady::duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }
Error FromGrpc(const grpc::Status& status) { return {static_cast<Code>(status.error_code()), status.error_message()}; }

std::string FailureIn(const v1::Record& last) {
  for (const v1::Decision& decision : last.decisions()) {
    if (decision.has_fail_task())
      return "failed at step '" + decision.fail_task().path() + "': " + decision.fail_task().message();
  }
  return "";
}

class Caller {
 public:
  Caller(const std::string& router, const std::string& agent)
      : tasks_(v1::TaskService::NewStub(grpc::CreateChannel(router, grpc::InsecureChannelCredentials()))),
        agent_(v1::AgentService::NewStub(grpc::CreateChannel(agent, grpc::InsecureChannelCredentials()))) {}

  Result<std::string> Submit(const std::string& input_json) {
    grpc::ClientContext context;
    v1::SubmitRequest request;
    request.set_graph("cancel");
    request.set_input_json(input_json);
    v1::SubmitResponse response;
    if (const auto status = tasks_->Submit(&context, request, &response); !status.ok()) return FromGrpc(status);
    return response.task_id();
  }
  Status Cancel(const std::string& task_id) {
    grpc::ClientContext context;
    v1::CancelRequest request;
    request.set_task_id(task_id);
    v1::CancelResponse response;
    if (const auto status = tasks_->Cancel(&context, request, &response); !status.ok()) return FromGrpc(status);
    return {};
  }
  // Until `tokens` have been said, or with 0 to the end. Gives how long a token took.
  Result<double> Follow(const std::string& task_id, int64_t tokens) {
    grpc::ClientContext context;
    v1::WatchRequest request;
    request.set_task_id(task_id);
    request.set_detail(tokens > 0 ? v1::DETAIL_TEXT : v1::DETAIL_RESULT);
    const auto stream = tasks_->Watch(&context, request);
    v1::WatchResponse response;
    int64_t words = 0;
    int64_t first = 0;
    Steady::time_point first_at;
    while (stream->Read(&response)) {
      const v1::StepProgress& progress = response.record().event().step_progress();
      words += std::count(progress.text().begin(), progress.text().end(), ' ');
      // a scripted agent counts none: its words are its tokens
      const int64_t said = progress.generated_tokens() > 0 ? progress.generated_tokens() : words;
      if (tokens == 0 || said == 0) continue;
      if (first == 0) {
        first = said;
        first_at = Steady::now();
      }
      if (said < first + tokens) continue;
      context.TryCancel();
      return Ms(Steady::now() - first_at) / static_cast<double>(said - first);
    }
    const std::string failure = FailureIn(response.record());
    if (tokens == 0 && failure.empty()) return 0.0;
    return Internal("task " + task_id + " was to be watched, but " + (failure.empty() ? "is done" : failure));
  }
  Status WaitForQueue() {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    const auto reports = agent_->Report(&context, v1::ReportRequest());
    v1::ReportResponse report;
    while (reports->Read(&report)) {
      if (report.queued() == 0) continue;
      context.TryCancel();
      return {};
    }
    return Unavailable("the short step did not come to wait at the agent");
  }

 private:
  std::unique_ptr<v1::TaskService::Stub> tasks_;
  std::unique_ptr<v1::AgentService::Stub> agent_;
};

}  // namespace

Result<SlotTimes> MeasureSlot(const std::string& router, const std::string& agent, const Inputs& inputs, int trials) {
  Caller caller(router, agent);
  std::vector<double> alone_ms;
  for (int i = 0; i < trials; ++i) {
    const auto begin = Steady::now();
    TRY_ASSIGN(const std::string task_id, caller.Submit(inputs.short_json));
    TRY(caller.Follow(task_id, 0));
    alone_ms.push_back(Ms(Steady::now() - begin));
  }
  SlotTimes times;
  times.alone_ms = Median(alone_ms);
  std::vector<double> step_ms;
  for (int i = 0; i < trials; ++i) {
    TRY_ASSIGN(const std::string long_one, caller.Submit(inputs.long_json));
    TRY_ASSIGN(const double step, caller.Follow(long_one, kTokensBefore));
    step_ms.push_back(step);
    TRY_ASSIGN(const std::string short_one, caller.Submit(inputs.short_json));
    TRY(caller.WaitForQueue());
    const auto begin = Steady::now();
    TRY(caller.Cancel(long_one));
    TRY(caller.Follow(short_one, 0));
    times.free_ms.push_back(Ms(Steady::now() - begin) - times.alone_ms);
  }
  times.step_ms = Median(step_ms);
  return times;
}

}  // namespace troupe::bench
