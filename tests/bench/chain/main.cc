// Races chains through Troupe, everything on disk before the answer leaves, against the floor that writes nothing.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <map>

#include "tests/bench/chain/fsync.h"
#include "tests/bench/chain/targets.h"
#include "tests/bench/common.h"
#include "tests/bench/report.h"

namespace troupe::bench {
namespace {

constexpr int kCallers[] = {1, 16, 64};
// What the README of the peers states for 16 callers, quiet machine, chains/s.
constexpr double kLangGraphSqlite = 140.0;
constexpr double kRayServe = 110.0;

struct Flags {
  Places places;
  std::string peer;
  int rounds = 5;
  double seconds = 1.5;
  bool long_run = false;
  int64_t long_tasks = 200'000;
};

// One visit of a target in a round.
struct Visit {
  LoadResult load;
  double cpu_us_per_chain = 0.0;
};

Result<Visit> Measure(Target& target, int callers, Amount amount) {
  TRY_ASSIGN(const LoadResult warm, target.load->Run(callers, {.seconds = 0.2}));
  static_cast<void>(warm);
  const int64_t before = target.CpuUs();
  Visit visit;
  TRY_ASSIGN(visit.load, target.load->Run(callers, amount));
  visit.cpu_us_per_chain = static_cast<double>(target.CpuUs() - before) / static_cast<double>(visit.load.chains);
  return visit;
}

// Visits of one target with one number of callers, by round.
struct Series {
  std::vector<double> per_second, p50_us, p99_us, cpu_us;

  void Take(const Visit& visit) {
    per_second.push_back(visit.load.PerSecond());
    p50_us.push_back(visit.load.p50_us);
    p99_us.push_back(visit.load.p99_us);
    cpu_us.push_back(visit.cpu_us_per_chain);
  }
  Value ToValue() const {
    return {{"chains_per_s", Round(Median(per_second))},
            {"p50_us", Round(Median(p50_us))},
            {"p99_us", Round(Median(p99_us))},
            {"cpu_us_per_chain", Round(Median(cpu_us))}};
  }
};

using Race = std::map<std::string, std::map<int, Series>>;

double Ratio(const Race& race, const std::string& over, const std::string& under, int callers) {
  return MedianRatio(race.at(over).at(callers).per_second, race.at(under).at(callers).per_second);
}

Status RunRace(const Flags& flags, const std::filesystem::path& folder, std::vector<Target>& targets, Value& figures,
               std::vector<Bar>& bars) {
  Race race;
  std::vector<double> fsync_p50;
  std::vector<double> fsync_p99;
  for (int round = 0; round < flags.rounds; ++round) {
    std::fprintf(stderr, "round %d of %d\n", round + 1, flags.rounds);
    TRY_ASSIGN(const FsyncCost fsync, MeasureFsync(folder, 100));
    fsync_p50.push_back(fsync.p50_us);
    fsync_p99.push_back(fsync.p99_us);
    for (const int callers : kCallers) {
      for (Target& target : targets) {
        TRY_ASSIGN(const Visit visit, Measure(target, callers, {.seconds = flags.seconds}));
        race[target.name][callers].Take(visit);
      }
    }
  }
  figures["fsync"] = {{"p50_us", Round(Median(fsync_p50))}, {"p99_us", Round(Median(fsync_p99))}};
  for (const Target& target : targets) {
    for (const int callers : kCallers)
      figures[target.name][std::to_string(callers)] = race[target.name][callers].ToValue();
    figures[target.name]["rss_mib"] = Round(static_cast<double>(target.RssBytes()) / (1 << 20));
  }
  for (const int callers : {16, 64}) {
    bars.push_back({"chains/s over the floor's, " + std::to_string(callers) + " callers",
                    Ratio(race, "troupe", "floor", callers), 0.35, Better::kMore});
  }
  bars.push_back({"p50 at 1 caller, µs; bar: the floor's + 2 fsyncs", Median(race["troupe"][1].p50_us),
                  Median(race["floor"][1].p50_us) + 2.0 * Median(fsync_p50), Better::kLess});
  const double ours = Median(race["troupe"][16].per_second);
  bars.push_back(
      {"chains/s over LangGraph with SQLite (140, stated), 16 callers", ours / kLangGraphSqlite, 10.0, Better::kMore});
  bars.push_back({"chains/s over Ray Serve (110, stated), 16 callers", ours / kRayServe, 10.0, Better::kMore});
  if (race.contains("peer")) {
    bars.push_back(
        {"the floor over the peers' gRPC router, 16 callers", Ratio(race, "floor", "peer", 16), 0.95, Better::kMore});
  }
  return {};
}

// CPU per chain does not grow with the journal.
Status RunLong(const Flags& flags, Target& troupe, Value& figures, std::vector<Bar>& bars) {
  const auto cpu = [&](int64_t& total) -> Result<double> {
    std::vector<double> costs;
    for (int i = 0; i < 3; ++i) {
      TRY_ASSIGN(const Visit visit, Measure(troupe, 16, {.chains = 3000}));
      total += visit.load.chains;
      costs.push_back(visit.cpu_us_per_chain);
    }
    return Median(costs);
  };
  TRY_ASSIGN(const LoadResult first, troupe.load->Run(16, {.chains = 1000}));
  int64_t total = first.chains;
  TRY_ASSIGN(const double early, cpu(total));
  while (total < flags.long_tasks) {
    TRY_ASSIGN(const LoadResult more,
               troupe.load->Run(64, {.chains = std::min<int64_t>(20'000, flags.long_tasks - total)}));
    total += more.chains;
    std::fprintf(stderr, "%lld tasks in the journal\n", static_cast<long long>(total));
  }
  TRY_ASSIGN(const double late, cpu(total));
  figures["long"] = {{"tasks", total},
                     {"cpu_us_per_chain_early", Round(early)},
                     {"cpu_us_per_chain_late", Round(late)},
                     {"rss_mib", Round(static_cast<double>(troupe.RssBytes()) / (1 << 20))}};
  bars.push_back({"CPU per chain, from 1,000 to " + std::to_string(flags.long_tasks) + " tasks: change, share",
                  std::abs(late / early - 1.0), 0.15, Better::kLess});
  return {};
}

Result<bool> Run(const Flags& flags) {
  const Folder folder(flags.places.data, "chain");
  // what the peers send: 1 KiB
  const std::string text(1024, 'x');
  std::vector<Target> targets;
  TRY_ASSIGN(Target troupe, StartTroupe(flags.places.programs, flags.places.graph, folder.path(), text));
  targets.push_back(std::move(troupe));
  Value figures;
  std::vector<Bar> bars;
  if (flags.long_run) {
    TRY(RunLong(flags, targets.front(), figures, bars));
  } else {
    TRY_ASSIGN(Target floor, StartFloor(flags.places.programs, text));
    targets.push_back(std::move(floor));
    if (!flags.peer.empty()) {
      TRY_ASSIGN(Target peer, StartPeer(flags.peer, text));
      targets.push_back(std::move(peer));
    }
    TRY(RunRace(flags, folder.path(), targets, figures, bars));
  }
  std::cout << Report("chain", figures, bars) << "\n";
  return AllOk(bars);
}

}  // namespace
}  // namespace troupe::bench

int main(int argc, char** argv) {
  troupe::bench::Flags flags;
  CLI::App app("A chain of three no-op steps through Troupe and through a bare gRPC router.");
  troupe::bench::AddPlaces(app, flags.places);
  app.add_option("--peer", flags.peer, "the peers' grpc_cpp/server, to hold the floor against");
  app.add_option("--rounds", flags.rounds, "interleaved rounds; medians are reported")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--seconds", flags.seconds, "of each visit")->check(CLI::Range(0.05, 600.0))->capture_default_str();
  app.add_flag("--long", flags.long_run, "CPU per chain with a short and with a long journal, in place of the race");
  app.add_option("--long-tasks", flags.long_tasks, "tasks in the long journal")
      ->check(CLI::Range(10'000, 10'000'000))
      ->capture_default_str();
  return troupe::bench::Main(app, argc, argv, "chain", [&flags] { return troupe::bench::Run(flags); });
}
