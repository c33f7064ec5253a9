// How long a router takes to be there again: with many finished tasks and thousands of running ones in its journal.
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <thread>

#include "tests/bench/common.h"
#include "tests/bench/company.h"
#include "tests/bench/recover/long_journal.h"
#include "tests/bench/report.h"
#include "troupe/v1/task.grpc.pb.h"

namespace troupe::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Flags {
  Places places;
  int64_t finished = 200'000;
  int64_t running = 5'000;
  int rounds = 5;
};

double Seconds(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

struct Start {
  std::unique_ptr<Process> router;
  std::unique_ptr<v1::TaskService::Stub> tasks;
  double listening_s = 0.0;
  // Until a new task was taken in and on disk.
  double accepting_s = 0.0;
};

Result<Start> StartAndSubmit(const Flags& flags, const std::filesystem::path& folder) {
  Start start;
  const auto begin = Clock::now();
  TRY_ASSIGN(start.router, StartRouter(flags.places.programs, folder, flags.places.graph, {"--max-running", "100000"}));
  start.listening_s = Seconds(Clock::now() - begin);
  start.tasks =
      v1::TaskService::NewStub(grpc::CreateChannel(start.router->ready_text(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  v1::SubmitRequest request;
  request.set_graph("chain");
  request.set_input_json(R"({"text":"hello"})");
  v1::SubmitResponse response;
  const grpc::Status status = start.tasks->Submit(&context, request, &response);
  if (!status.ok()) return Unavailable("a new task was not taken in: " + status.error_message());
  start.accepting_s = Seconds(Clock::now() - begin);
  return start;
}

// How many are running; at most a page of them.
Result<int> Running(v1::TaskService::Stub& tasks) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  v1::ListRequest request;
  request.set_state(v1::TASK_STATE_RUNNING);
  request.set_page_size(1);
  v1::ListResponse response;
  const grpc::Status status = tasks.List(&context, request, &response);
  if (!status.ok()) return Unavailable("tasks cannot be listed: " + status.error_message());
  return response.tasks_size();
}

Result<bool> Run(const Flags& flags) {
  const Folder folder(flags.places.data, "recover");
  std::fprintf(stderr, "writing %lld finished and %lld running tasks\n", static_cast<long long>(flags.finished),
               static_cast<long long>(flags.running));
  const auto begin = Clock::now();
  TRY(WriteLongJournal(folder.path() / "journal", flags.places.graph,
                       {.finished = flags.finished, .running = flags.running, .text = std::string(200, 'x')}));
  const double written_s = Seconds(Clock::now() - begin);
  // Without agents nothing ends, so that every round finds the same.
  TRY(WriteFile(folder.path() / "agents.json", "[]"));
  std::vector<double> listening_s;
  std::vector<double> accepting_s;
  double rss_mib = 0.0;
  double cpu_s = 0.0;
  for (int round = 0; round < flags.rounds; ++round) {
    TRY_ASSIGN(const Start start, StartAndSubmit(flags, folder.path()));
    listening_s.push_back(start.listening_s);
    accepting_s.push_back(start.accepting_s);
    rss_mib = static_cast<double>(start.router->RssBytes()) / (1 << 20);
    cpu_s = static_cast<double>(start.router->CpuUs()) / 1e6;
    std::fprintf(stderr, "round %d of %d: listening after %.2f s, a new task on disk after %.2f s\n", round + 1,
                 flags.rounds, start.listening_s, start.accepting_s);
  }
  // At last with agents: all that was running ends.
  TRY_ASSIGN(const auto agents, StartAgents(flags.places.programs, folder.path(), "chain", EchoAgents()));
  TRY_ASSIGN(const Start last, StartAndSubmit(flags, folder.path()));
  const auto drain = Clock::now();
  while (Seconds(Clock::now() - drain) < 120.0) {
    TRY_ASSIGN(const int running, Running(*last.tasks));
    if (running == 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  const double drained_s = Seconds(Clock::now() - drain);
  TRY_ASSIGN(const int left, Running(*last.tasks));
  const Value figures{
      {"finished", flags.finished},
      {"running", flags.running},
      {"journal_mib",
       Round(static_cast<double>(std::filesystem::file_size(folder.path() / "journal/journal.db")) / (1 << 20))},
      {"write_s", Round(written_s)},
      {"listening_s", Round(Median(listening_s))},
      {"accepting_s", Round(Median(accepting_s))},
      {"cpu_s", Round(cpu_s)},
      {"rss_mib", Round(rss_mib)},
      {"with_agents_accepting_s", Round(last.accepting_s)},
      {"all_ended_s", Round(drained_s)}};
  const std::vector<Bar> bars = {
      {"a new task is on disk so many seconds after the start", Median(accepting_s), 2.0, Better::kLess},
      {"tasks that do not end after the restart", static_cast<double>(left), 0.0, Better::kLess}};
  std::cout << Report("recover", figures, bars) << "\n";
  return AllOk(bars);
}

}  // namespace
}  // namespace troupe::bench

int main(int argc, char** argv) {
  troupe::bench::Flags flags;
  CLI::App app("How long a router with a long journal takes to start.");
  troupe::bench::AddPlaces(app, flags.places);
  app.add_option("--finished", flags.finished, "finished tasks in the journal")
      ->check(CLI::Range(0, 10'000'000))
      ->capture_default_str();
  app.add_option("--running", flags.running, "tasks that are under way")
      ->check(CLI::Range(0, 100'000))
      ->capture_default_str();
  app.add_option("--rounds", flags.rounds, "starts; medians are reported")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  return troupe::bench::Main(app, argc, argv, "recover", [&flags] { return troupe::bench::Run(flags); });
}
