// What a kept answer costs: a whole graph's, and a step's in a task, against a bare server-streaming gRPC call.
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <map>

#include "tests/bench/chain/fsync.h"
#include "tests/bench/chain/load.h"
#include "tests/bench/common.h"
#include "tests/bench/company.h"
#include "tests/bench/kept/peer.h"
#include "tests/bench/report.h"
#include "troupe/v1/task.grpc.pb.h"

namespace troupe::bench {
namespace {

constexpr int kCallers[] = {1, 16};

struct Flags {
  std::string programs, graphs, data;
  int rounds = 5;
  double seconds = 1.0;
};

// Who answers: anyone, no task at all, a task whose step is the cache's work.
enum class Expect { kAnswer, kNoTask, kCache };

bool IsAsExpected(const v1::RunResponse& response, Expect expect) {
  const v1::Record& record = response.record();
  const bool has_answer =
      record.decisions_size() > 0 && record.decisions(record.decisions_size() - 1).has_finish_task();
  switch (expect) {
    case Expect::kAnswer:
      return has_answer;
    case Expect::kNoTask:
      return has_answer && response.has_kept();
    case Expect::kCache:
      break;
  }
  return has_answer && record.event().has_step_done() && record.event().step_done().site().replica() == "cache";
}

// TaskService.Run with DETAIL_RESULT: one message, which must hold the answer.
MakeCall RunCalls(const std::string& address, const std::string& text, Expect expect) {
  return [address, text, expect]() -> Result<Call> {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    auto channel = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
    const std::shared_ptr<v1::TaskService::Stub> stub = v1::TaskService::NewStub(channel);
    auto request = std::make_shared<v1::RunRequest>();
    request->set_detail(v1::DETAIL_RESULT);
    request->mutable_submit()->set_graph("kept");
    request->mutable_submit()->set_input_json("{\"text\":\"" + text + "\"}");
    return Call([stub, request, text, expect]() -> Status {
      grpc::ClientContext context;
      const auto reader = stub->Run(&context, *request);
      v1::RunResponse response;
      bool is_right = false;
      while (reader->Read(&response)) is_right |= IsAsExpected(response, expect);
      const grpc::Status status = reader->Finish();
      if (!status.ok()) return Error{static_cast<Code>(status.error_code()), status.error_message()};
      if (!is_right) return Internal("a call was not answered as it should be");
      return {};
    });
  };
}

// Calls until an answer is kept: those before the router has heard of its agent's model are not.
Status Warm(const std::string& address, const std::string& text, Expect expect) {
  constexpr int kMostCalls = 100;
  TRY_ASSIGN(const Call any, RunCalls(address, text, Expect::kAnswer)());
  TRY_ASSIGN(const Call kept, RunCalls(address, text, expect)());
  for (int i = 0; i < kMostCalls; ++i) {
    TRY(any());
    if (kept()) return {};
  }
  return Internal("no answer was kept in " + std::to_string(kMostCalls) + " calls");
}

// A router with one agent; an answer of it is kept.
struct Product {
  std::vector<std::unique_ptr<Process>> processes;
  std::string address;
};
Result<Product> StartProduct(const Flags& flags, const std::filesystem::path& folder, const std::string& graph,
                             const std::string& text, Expect expect) {
  std::filesystem::create_directories(folder);
  Product product;
  const BenchAgent agent{"one", {{"kind", "scripted"}, {"config", {{"echo", true}}}, {"queueLimit", 1024}}};
  TRY_ASSIGN(product.processes, StartAgents(flags.programs, folder, "kept", {agent}));
  TRY_ASSIGN(auto router, StartRouter(flags.programs, folder, flags.graphs + "/" + graph));
  product.address = router->ready_text();
  product.processes.push_back(std::move(router));
  TRY(Warm(product.address, text, expect));
  return product;
}

Result<bool> Run(const Flags& flags, const std::string& own_program) {
  const Folder folder(flags.data, "kept");
  const std::string text(1024, 'x');
  TRY_ASSIGN(const auto peer, Process::Start({own_program, "--peer"}, "listening on "));
  TRY_ASSIGN(const Product whole, StartProduct(flags, folder.path() / "whole", "whole.yaml", text, Expect::kNoTask));
  TRY_ASSIGN(const Product step, StartProduct(flags, folder.path() / "step", "step.yaml", text, Expect::kCache));
  std::map<std::string, Load> loads;
  loads.emplace("bare", RunCalls(peer->ready_text(), text, Expect::kNoTask));
  loads.emplace("whole", RunCalls(whole.address, text, Expect::kNoTask));
  loads.emplace("step", RunCalls(step.address, text, Expect::kCache));

  std::map<std::string, std::map<int, std::vector<double>>> p50_us, per_second;
  std::vector<double> ratio, fsync_us;
  for (int round = 0; round < flags.rounds; ++round) {
    std::fprintf(stderr, "round %d of %d\n", round + 1, flags.rounds);
    TRY_ASSIGN(const FsyncCost fsync, MeasureFsync(folder.path(), 100));
    fsync_us.push_back(fsync.p50_us);
    for (const int callers : kCallers) {
      for (auto& [name, load] : loads) {
        TRY_ASSIGN(const LoadResult warm, load.Run(callers, {.seconds = 0.1}));
        static_cast<void>(warm);
        TRY_ASSIGN(const LoadResult result, load.Run(callers, {.seconds = flags.seconds}));
        p50_us[name][callers].push_back(result.p50_us);
        per_second[name][callers].push_back(result.PerSecond());
      }
    }
    ratio.push_back(p50_us["whole"][1].back() / p50_us["bare"][1].back());
  }
  Value figures;
  for (const auto& [name, by_callers] : p50_us) {
    for (const auto& [callers, values] : by_callers) {
      figures[name][std::to_string(callers)] = {{"p50_us", Round(Median(values))},
                                                {"per_s", Round(Median(per_second[name][callers]))}};
    }
  }
  figures["fsync_p50_us"] = Round(Median(fsync_us));
  const double bare = Median(p50_us["bare"][1]);
  const std::vector<Bar> bars = {
      {"a whole graph's kept answer over a bare streaming call, p50 at 1 caller", Median(ratio), 2.0, Better::kLess},
      {"a step's kept answer in a task, p50 µs at 1 caller; bar: 2 bare calls and an fsync", Median(p50_us["step"][1]),
       2.0 * bare + Median(fsync_us), Better::kLess}};
  std::cout << Report("kept", figures, bars) << "\n";
  return AllOk(bars);
}

}  // namespace
}  // namespace troupe::bench

int main(int argc, char** argv) {
  using namespace troupe::bench;
  Flags flags;
  bool is_peer = false;
  CLI::App app("Kept answers against a bare server-streaming gRPC call.");
  app.add_flag("--peer", is_peer, "serve the bare call, for this program itself");
  app.add_option("--programs", flags.programs, "where the programs are");
  app.add_option("--graphs", flags.graphs, "where the graph files are");
  app.add_option("--data", flags.data, "where journals may be put");
  app.add_option("--rounds", flags.rounds, "interleaved rounds; medians are reported")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--seconds", flags.seconds, "of each visit")->check(CLI::Range(0.05, 600.0))->capture_default_str();
  const std::string own_program = argv[0];
  if (argc == 2 && std::string(argv[1]) == "--peer") return ServePeer(std::string(1024, 'x'));
  return Main(app, argc, argv, "kept", [&flags, &own_program] { return Run(flags, own_program); });
}
