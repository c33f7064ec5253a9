// What a router says and does when far more is asked of it than it can do.
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <iostream>
#include <thread>

#include "tests/bench/common.h"
#include "tests/bench/company.h"
#include "tests/bench/overload/callers.h"
#include "tests/bench/report.h"
#include "troupe/v1/agent.grpc.pb.h"

namespace troupe::bench {
namespace {

constexpr double kCapacity = 200.0;  // tasks a second, by the graph

struct Flags {
  Places places;
  int callers = 400;
  double seconds = 10.0;
};

// Steps at work or waiting at the agent.
Result<int> BusyAt(const std::string& agent) {
  const auto stub = v1::AgentService::NewStub(grpc::CreateChannel(agent, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
  const auto reports = stub->Report(&context, v1::ReportRequest());
  v1::ReportResponse report;
  if (!reports->Read(&report)) return Unavailable("the agent reports nothing");
  context.TryCancel();
  return report.active() + report.queued();
}

Result<bool> Run(const Flags& flags) {
  const Folder folder(flags.places.data, "overload");
  const BenchAgent slow{"slow",
                        {{"kind", "scripted"},
                         {"config", {{"script", {{"else", {{"delayMs", 20}, {"say", "done"}}}}}}},
                         {"slots", 4},
                         {"queueLimit", 16}}};
  TRY_ASSIGN(const auto agents, StartAgents(flags.places.programs, folder.path(), "overload", {slow}));
  TRY_ASSIGN(const auto router,
             StartRouter(flags.places.programs, folder.path(), flags.places.graph, {"--max-running", "100"}));
  const Answers answers = CallTooMuch(router->ready_text(), flags.callers, flags.seconds);
  // The last task has had its answer, so its deadline has passed or its work is done.
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  TRY_ASSIGN(const int busy, BusyAt(agents.front()->ready_text()));
  TRY_ASSIGN(const Aftermath aftermath, LookBack(router->ready_text()));
  int64_t other = 0;
  int64_t done = 0;
  Value by_code;
  for (const auto& [code, count] : answers.by_code) {
    by_code[std::string(CodeName(code))] = count;
    if (code == Code::kOk) done = count;
    if (code != Code::kOk && code != Code::kResourceExhausted && code != Code::kDeadlineExceeded) other += count;
  }
  const double per_second = static_cast<double>(done) / answers.seconds;
  const Value figures{{"callers", flags.callers},
                      {"answers", by_code},
                      {"tasks_taken_in", aftermath.tasks},
                      {"done_per_s", Round(per_second)},
                      {"p99_ended_after_deadline_ms", Round(aftermath.p99_late_ms)},
                      {"max_ended_after_deadline_ms", Round(aftermath.max_late_ms)},
                      {"router_rss_mib", Round(static_cast<double>(router->RssBytes()) / (1 << 20))}};
  const std::vector<Bar> bars = {
      {"answers that are none of OK, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED", static_cast<double>(other), 0.0,
       Better::kLess},
      {"attempts sent after their task's deadline", static_cast<double>(aftermath.sent_late), 0.0, Better::kLess},
      {"steps at the agent 100 ms after the last deadline", static_cast<double>(busy), 0.0, Better::kLess},
      {"tasks done a second over what the agent can do", per_second / kCapacity, 0.8, Better::kMore}};
  std::cout << Report("overload", figures, bars) << "\n";
  return AllOk(bars);
}

}  // namespace
}  // namespace troupe::bench

int main(int argc, char** argv) {
  troupe::bench::Flags flags;
  CLI::App app("A router of which far more is asked than it can do.");
  troupe::bench::AddPlaces(app, flags.places);
  app.add_option("--callers", flags.callers, "callers that wait at once")
      ->check(CLI::Range(1, 5000))
      ->capture_default_str();
  app.add_option("--seconds", flags.seconds, "of load")->check(CLI::Range(1.0, 3600.0))->capture_default_str();
  return troupe::bench::Main(app, argc, argv, "overload", [&flags] { return troupe::bench::Run(flags); });
}
