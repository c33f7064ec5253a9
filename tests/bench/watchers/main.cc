// What 10,000 watchers that read slowly or not at all cost the rest: chains through a router with nobody watching,
// and with the crowd.
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <thread>

#include "tests/bench/chain/load.h"
#include "tests/bench/common.h"
#include "tests/bench/company.h"
#include "tests/bench/report.h"
#include "tests/bench/watchers/crowd.h"
#include "troupe/v1/task.grpc.pb.h"

namespace troupe::bench {
namespace {

constexpr int kCallers = 16;

struct Flags {
  Places places;
  int watchers = 10'000;
  int tasks = 20;
  int piece_ms = 250;
  int piece_bytes = 1'024;
  double fill_s = 40.0;
  double seconds = 2.0;
  int rounds = 5;
};

// One that says as many pieces as the whole benchmark can take.
BenchAgent Speaker(const Flags& flags) {
  const auto pieces = static_cast<int64_t>(600'000 / flags.piece_ms);
  const std::string text(static_cast<size_t>(pieces) * static_cast<size_t>(flags.piece_bytes), 'x');
  const Value rule{{"say", text}, {"stream", {{"pieces", pieces}, {"delayMs", flags.piece_ms}}}};
  return {.name = "speaker",
          .spec = {{"kind", "scripted"},
                   {"config", {{"script", {{"rules", {rule}}}}}},
                   {"slots", flags.tasks},
                   {"queueLimit", flags.tasks}}};
}

Result<std::vector<std::string>> StartTalks(const std::string& address, int tasks) {
  const auto stub = v1::TaskService::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  std::vector<std::string> out;
  for (int i = 0; i < tasks; ++i) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    v1::SubmitRequest request;
    request.set_graph("chain");
    request.set_input_json(R"({"text":"talk"})");
    v1::SubmitResponse response;
    const grpc::Status status = stub->Submit(&context, request, &response);
    if (!status.ok()) return Unavailable("a task to watch was not taken in: " + status.error_message());
    out.push_back(response.task_id());
  }
  return out;
}

struct Series {
  std::vector<double> per_second, p50_us, p99_us;

  Status Take(Load& load, const Flags& flags) {
    TRY_ASSIGN(const LoadResult result, load.Run(kCallers, {.seconds = flags.seconds}));
    per_second.push_back(result.PerSecond());
    p50_us.push_back(result.p50_us);
    p99_us.push_back(result.p99_us);
    return {};
  }
  Value ToValue() const {
    return {{"chains_per_s", Round(Median(per_second))},
            {"p50_us", Round(Median(p50_us))},
            {"p99_us", Round(Median(p99_us))}};
  }
};

Result<bool> Run(const Flags& flags) {
  const Folder folder(flags.places.data, "watchers");
  std::vector<BenchAgent> company = EchoAgents();
  company.push_back(Speaker(flags));
  TRY_ASSIGN(const auto agents, StartAgents(flags.places.programs, folder.path(), "chain", company));
  TRY_ASSIGN(const auto router, StartRouter(flags.places.programs, folder.path(), flags.places.graph));
  const std::string address = router->ready_text();
  Load load(TaskCalls(address, std::string(1024, 'x')));
  TRY_ASSIGN(const std::vector<std::string> talks, StartTalks(address, flags.tasks));
  Series alone;
  Series filling;
  Series full;
  TRY_ASSIGN(const LoadResult warm, load.Run(kCallers, {.seconds = 1.0}));
  static_cast<void>(warm);
  for (int round = 0; round < flags.rounds; ++round) TRY(alone.Take(load, flags));
  const int64_t rss_alone = router->RssBytes();
  std::fprintf(stderr, "without watchers: %s\n", alone.ToValue().dump().c_str());
  TRY_ASSIGN(auto crowd, Crowd::Gather(address, talks, {.watchers = flags.watchers}));
  const int64_t rss_open = router->RssBytes();
  const auto begin = std::chrono::steady_clock::now();
  TRY(filling.Take(load, flags));
  const auto left = std::chrono::duration<double>(flags.fill_s) - (std::chrono::steady_clock::now() - begin);
  std::fprintf(stderr, "%d watchers, from the start on: %s\n", flags.watchers, filling.ToValue().dump().c_str());
  // Until what they do not read has filled every buffer on the way to them.
  if (left.count() > 0) std::this_thread::sleep_for(left);
  for (int round = 0; round < flags.rounds; ++round) TRY(full.Take(load, flags));
  const int64_t rss_full = router->RssBytes();
  std::fprintf(stderr, "after %.0f s: %s\n", flags.fill_s, full.ToValue().dump().c_str());
  const double ended = static_cast<double>(crowd->ended());
  const int64_t read = crowd->messages_read();
  crowd.reset();
  // and they leave nothing behind
  Series after;
  for (int round = 0; round < flags.rounds; ++round) TRY(after.Take(load, flags));

  const auto each = [&](int64_t rss) {
    return Round(static_cast<double>(rss - rss_alone) / 1024.0 / static_cast<double>(flags.watchers));
  };
  const Value figures{{"watchers", flags.watchers},
                      {"tasks_watched", flags.tasks},
                      {"alone", alone.ToValue()},
                      {"filling", filling.ToValue()},
                      {"full", full.ToValue()},
                      {"after", after.ToValue()},
                      {"messages_read", read},
                      {"rss_mib_alone", Round(static_cast<double>(rss_alone) / (1 << 20))},
                      {"kib_per_watcher_open", each(rss_open)},
                      {"kib_per_watcher_full", each(rss_full)}};
  const std::vector<Bar> bars = {
      {"chains/s beside watchers that do not read, over those without",
       Median(full.per_second) / Median(alone.per_second), 0.8, Better::kMore},
      {"p99 beside watchers that do not read, over that without", Median(full.p99_us) / Median(alone.p99_us), 2.0,
       Better::kLess},
      {"KiB of the router for each of them", static_cast<double>(rss_full - rss_alone) / 1024.0 / flags.watchers, 128.0,
       Better::kLess},
      {"streams that the router ended", ended, 0.0, Better::kLess}};
  std::cout << Report("watchers", figures, bars) << "\n";
  return AllOk(bars);
}

}  // namespace
}  // namespace troupe::bench

int main(int argc, char** argv) {
  troupe::bench::Flags flags;
  CLI::App app("Chains through a router that thousands of clients watch slowly, or not at all.");
  troupe::bench::AddPlaces(app, flags.places);
  app.add_option("--watchers", flags.watchers, "streams; half of them read a message a second, half read none")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--tasks", flags.tasks, "tasks that are watched; each streams text")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  app.add_option("--piece-ms", flags.piece_ms, "pause between two pieces of such a task's text")
      ->check(CLI::Range(10, 10'000))
      ->capture_default_str();
  app.add_option("--piece-bytes", flags.piece_bytes, "bytes of a piece")
      ->check(CLI::Range(1, 65'536))
      ->capture_default_str();
  app.add_option("--fill-seconds", flags.fill_s, "time after which all buffers are taken to be full")
      ->check(CLI::Range(1.0, 600.0))
      ->capture_default_str();
  app.add_option("--seconds", flags.seconds, "of each visit")->check(CLI::Range(0.05, 60.0))->capture_default_str();
  app.add_option("--rounds", flags.rounds, "visits; medians are reported")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  return troupe::bench::Main(app, argc, argv, "bench_watchers", [&] { return troupe::bench::Run(flags); });
}
