// What 10,000 watchers cost the rest: chains through a router with nobody watching; beside watchers that read nothing,
// whose buffers are full; beside those that read a message a second; and beside a flood, watchers that take in whatever
// is said as fast as they can get it. Delivering messages costs cores at both ends, however they are read, and the
// crowd shares the machine: so slow readers are compared with quick ones that are sent as many.
//
// The flood asks for 40,000 messages a second, more than two cores can deliver with nothing else to do, and half of the
// work is the crowd's own: it would take all there is, for ever. A user who looks on while it lasts accepts that work
// gets slower, not that it stops: a quarter of the chains, and a second for the slowest of a hundred. Nobody who
// watches may miss a record for that: they come later, and all of them, in order.
#include <grpcpp/grpcpp.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
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
// A slow reader's time from one message to the next.
constexpr int kSlowMs = 1'000;
constexpr double kCatchUpLimitS = 60.0;

struct Flags {
  Places places;
  int watchers = 10'000;
  int tasks = 20;
  int piece_ms = 250;
  int piece_bytes = 1'024;
  double fill_s = 60.0;
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

Result<std::vector<Watched>> StartTalks(const std::string& address, int tasks) {
  const auto stub = v1::TaskService::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  std::vector<Watched> out;
  for (int i = 0; i < tasks; ++i) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    v1::SubmitRequest request;
    request.set_graph("chain");
    request.set_input_json(R"({"text":"talk"})");
    v1::SubmitResponse response;
    const grpc::Status status = stub->Submit(&context, request, &response);
    if (!status.ok()) return Unavailable("a task to watch was not taken in: " + status.error_message());
    out.push_back({.task_id = response.task_id()});
  }
  return out;
}

// User and system time of this process, the callers' and the crowd's.
int64_t OwnCpuUs() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto us = [](const timeval& time) { return int64_t{time.tv_sec} * 1'000'000 + time.tv_usec; };
  return us(used.ru_utime) + us(used.ru_stime);
}

// Visits of the callers beside one crowd, or none.
struct Series {
  std::vector<double> per_second, p50_us, p99_us, router_us, client_us, messages;

  Status Take(Load& load, const Process& router, const Crowd* crowd, double seconds) {
    const int64_t read = crowd ? crowd->messages_read() : 0;
    const int64_t router_us_before = router.CpuUs();
    const int64_t client_us_before = OwnCpuUs();
    TRY_ASSIGN(const LoadResult result, load.Run(kCallers, {.seconds = seconds}));
    const auto chains = static_cast<double>(result.chains);
    per_second.push_back(result.PerSecond());
    p50_us.push_back(result.p50_us);
    p99_us.push_back(result.p99_us);
    router_us.push_back(static_cast<double>(router.CpuUs() - router_us_before) / chains);
    client_us.push_back(static_cast<double>(OwnCpuUs() - client_us_before) / chains);
    messages.push_back(crowd ? static_cast<double>(crowd->messages_read() - read) / result.seconds : 0.0);
    return {};
  }
  Value ToValue() const {
    return {{"chains_per_s", Round(Median(per_second))},
            {"p50_us", Round(Median(p50_us))},
            {"p99_us", Round(Median(p99_us))},
            {"router_cpu_us_per_chain", Round(Median(router_us))},
            {"client_cpu_us_per_chain", Round(Median(client_us))},
            {"messages_read_per_s", Round(Median(messages))}};
  }
};

// What all of it needs.
struct Scene {
  const Flags& flags;
  const Process& router;
  const std::string address;
  const std::vector<Watched> talks;
  Load& load;

  Result<Series> Visit(const char* name, const Crowd* crowd) const {
    Series series;
    for (int round = 0; round < flags.rounds; ++round) TRY(series.Take(load, router, crowd, flags.seconds));
    std::fprintf(stderr, "%s: %s\n", name, series.ToValue().dump().c_str());
    return series;
  }
  static void Wait(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }
};

struct CrowdFigures {
  Series filling, hung, slow;
  int64_t misplaced = 0;
  int64_t rss_open = 0;
  int64_t rss_full = 0;
  int64_t ended = 0;
};

// The crowd comes; nobody of it reads; then every other one does, a message a second.
Result<CrowdFigures> BesideTheCrowd(const Scene& scene) {
  CrowdFigures out;
  const Flags& flags = scene.flags;
  TRY_ASSIGN(const auto crowd,
             Crowd::Gather(scene.address, scene.talks, {.watchers = flags.watchers, .windows = Windows::kFixed}));
  out.rss_open = scene.router.RssBytes();
  TRY(out.filling.Take(scene.load, scene.router, crowd.get(), flags.seconds));
  // until what they do not read has filled every buffer on the way to them
  Scene::Wait(flags.fill_s);
  TRY_ASSIGN(out.hung, scene.Visit("beside watchers that read nothing", crowd.get()));
  out.rss_full = scene.router.RssBytes();
  crowd->SetPace({.reader_each = 2, .interval_ms = kSlowMs});
  Scene::Wait(3.0);
  TRY_ASSIGN(out.slow, scene.Visit("half of them read a message a second", crowd.get()));
  out.ended = crowd->ended();
  out.misplaced = crowd->misplaced();
  return out;
}

struct FloodFigures {
  Series series;
  // From a record's being there to the last one of the crowd having it.
  double caught_up_s = 0;
  int64_t still_behind = 0;
  int64_t misplaced = 0;
  int64_t ended = 0;
};

// The tasks and how far they are.
Result<std::vector<Watched>> AsOfNow(const Scene& scene) {
  const auto stub = v1::TaskService::NewStub(grpc::CreateChannel(scene.address, grpc::InsecureChannelCredentials()));
  std::vector<Watched> out = scene.talks;
  for (Watched& talk : out) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    v1::GetRequest request;
    request.set_task_id(talk.task_id);
    v1::GetResponse response;
    const grpc::Status status = stub->Get(&context, request, &response);
    if (!status.ok()) return Unavailable("a task that is watched cannot be looked at: " + status.error_message());
    talk.after = response.task().last_sequence();
  }
  return out;
}

// All of the crowd read whatever comes. Then, while it goes on: how long until all have what was there at one moment.
Result<FloodFigures> BesideTheFlood(const Scene& scene) {
  FloodFigures out;
  TRY_ASSIGN(const std::vector<Watched> begin_at, AsOfNow(scene));
  TRY_ASSIGN(const auto crowd,
             Crowd::Gather(scene.address, begin_at,
                           {.watchers = scene.flags.watchers, .pace = {.reader_each = 1, .interval_ms = 0}}));
  Scene::Wait(5.0);
  TRY_ASSIGN(out.series, scene.Visit("beside a flood", crowd.get()));
  TRY_ASSIGN(const std::vector<Watched> now, AsOfNow(scene));
  const auto begin = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); };
  while (crowd->behind(now) > 0 && seconds() < kCatchUpLimitS) Scene::Wait(0.02);
  out.caught_up_s = seconds();
  out.still_behind = crowd->behind(now);
  out.misplaced = crowd->misplaced();
  out.ended = crowd->ended();
  return out;
}

// As many messages a second to a few watchers that read each as it comes: what delivering costs, whoever reads.
Result<Series> BesideQuickOnes(const Scene& scene) {
  const int quick = std::max(1, scene.flags.watchers / 2 * scene.flags.piece_ms / kSlowMs);
  TRY_ASSIGN(const auto crowd, Crowd::Gather(scene.address, scene.talks,
                                             {.watchers = quick, .pace = {.reader_each = 1, .interval_ms = 0}}));
  Scene::Wait(5.0);
  return scene.Visit("beside quick watchers", crowd.get());
}

Result<bool> Run(const Flags& flags) {
  const Folder folder(flags.places.data, "watchers");
  std::vector<BenchAgent> company = EchoAgents();
  company.push_back(Speaker(flags));
  TRY_ASSIGN(const auto agents, StartAgents(flags.places.programs, folder.path(), "chain", company));
  TRY_ASSIGN(const auto router, StartRouter(flags.places.programs, folder.path(), flags.places.graph));
  const std::string address = router->ready_text();
  Load load(TaskCalls(address, std::string(1024, 'x')));
  TRY_ASSIGN(std::vector<Watched> talks, StartTalks(address, flags.tasks));
  const Scene scene{flags, *router, address, std::move(talks), load};
  TRY_ASSIGN(const LoadResult warm, load.Run(kCallers, {.seconds = 1.0}));
  static_cast<void>(warm);
  TRY_ASSIGN(const Series alone, scene.Visit("without watchers", nullptr));
  const int64_t rss_alone = router->RssBytes();
  // before there is much of a past to tell them
  TRY_ASSIGN(const Series quick, BesideQuickOnes(scene));
  TRY_ASSIGN(const CrowdFigures crowd, BesideTheCrowd(scene));
  TRY_ASSIGN(const FloodFigures flood, BesideTheFlood(scene));
  // and they leave nothing behind
  TRY_ASSIGN(const Series after, scene.Visit("after they have gone", nullptr));

  const auto kib_each = [&](int64_t rss) {
    return static_cast<double>(rss - rss_alone) / 1024.0 / static_cast<double>(flags.watchers);
  };
  const Value figures{{"watchers", flags.watchers},
                      {"tasks_watched", flags.tasks},
                      {"alone", alone.ToValue()},
                      {"filling", crowd.filling.ToValue()},
                      {"hung", crowd.hung.ToValue()},
                      {"slow", crowd.slow.ToValue()},
                      {"quick", quick.ToValue()},
                      {"flood", flood.series.ToValue()},
                      {"flood_caught_up_s", Round(flood.caught_up_s)},
                      {"after", after.ToValue()},
                      {"rss_mib_alone", Round(static_cast<double>(rss_alone) / (1 << 20))},
                      {"kib_per_watcher_open", Round(kib_each(crowd.rss_open))},
                      {"kib_per_watcher_full", Round(kib_each(crowd.rss_full))}};
  const auto ratio = [](const std::vector<double>& a, const std::vector<double>& b) { return Median(a) / Median(b); };
  const std::vector<Bar> bars = {
      {"chains/s beside watchers that read nothing, over those without", ratio(crowd.hung.per_second, alone.per_second),
       0.8, Better::kMore},
      {"p99 beside watchers that read nothing, over that without", ratio(crowd.hung.p99_us, alone.p99_us), 2.0,
       Better::kLess},
      {"chains/s beside slow readers, over those beside quick ones of as many messages",
       ratio(crowd.slow.per_second, quick.per_second), 0.8, Better::kMore},
      {"p99 beside slow readers, over that beside quick ones of as many messages",
       ratio(crowd.slow.p99_us, quick.p99_us), 2.0, Better::kLess},
      {"KiB of the router for each of them", kib_each(crowd.rss_full), 128.0, Better::kLess},
      {"chains/s beside a flood, over those without", ratio(flood.series.per_second, alone.per_second), 0.25,
       Better::kMore},
      {"p99 beside a flood, ms", Median(flood.series.p99_us) / 1000.0, 1'000.0, Better::kLess},
      {"watchers of the flood that do not catch up", static_cast<double>(flood.still_behind), 0.0, Better::kLess},
      {"records missing, twice or out of order", static_cast<double>(crowd.misplaced + flood.misplaced), 0.0,
       Better::kLess},
      {"streams that the router ended", static_cast<double>(crowd.ended + flood.ended), 0.0, Better::kLess}};
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
