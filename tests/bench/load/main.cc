// Whether a router's memory grows with the tasks that it has done.
#include <algorithm>
#include <cstdio>
#include <iostream>

#include "tests/bench/chain/load.h"
#include "tests/bench/common.h"
#include "tests/bench/company.h"
#include "tests/bench/report.h"

namespace troupe::bench {
namespace {

constexpr int64_t kAtOnce = 10'000;
constexpr int kCallers = 64;

struct Flags {
  Places places;
  int64_t tasks = 200'000;
};

double Mib(int64_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

Result<bool> Run(const Flags& flags) {
  const Folder folder(flags.places.data, "load");
  TRY_ASSIGN(const auto agents, StartAgents(flags.places.programs, folder.path(), "chain", EchoAgents()));
  TRY_ASSIGN(const auto router, StartRouter(flags.places.programs, folder.path(), flags.places.graph));
  Load load(TaskCalls(router->ready_text(), std::string(1024, 'x')));
  std::vector<double> mib;
  std::vector<double> per_second;
  for (int64_t done = 0; done < flags.tasks; done += kAtOnce) {
    TRY_ASSIGN(const LoadResult result, load.Run(kCallers, {.chains = kAtOnce}));
    mib.push_back(Mib(router->RssBytes()));
    per_second.push_back(result.PerSecond());
    std::fprintf(stderr, "%lld tasks: %.1f MiB, %.0f tasks/s\n", static_cast<long long>(done + kAtOnce), mib.back(),
                 per_second.back());
  }
  const double most = *std::ranges::max_element(mib);
  const Value figures{
      {"tasks", flags.tasks},
      {"after_10000_mib", Round(mib.front())},
      {"at_the_end_mib", Round(mib.back())},
      {"at_most_mib", Round(most)},
      {"tasks_per_s", Round(Median(per_second))},
      {"journal_mib",
       Round(Mib(static_cast<int64_t>(std::filesystem::file_size(folder.path() / "journal/journal.db"))))}};
  const std::vector<Bar> bars = {
      {"memory at most, over that after 10,000 tasks", most / mib.front(), 1.10, Better::kLess}};
  std::cout << Report("load", figures, bars) << "\n";
  return AllOk(bars);
}

}  // namespace
}  // namespace troupe::bench

int main(int argc, char** argv) {
  troupe::bench::Flags flags;
  CLI::App app("The memory of a router that has done very many tasks.");
  troupe::bench::AddPlaces(app, flags.places);
  app.add_option("--tasks", flags.tasks, "tasks in all")->check(CLI::Range(20'000, 100'000'000))->capture_default_str();
  return troupe::bench::Main(app, argc, argv, "load", [&flags] { return troupe::bench::Run(flags); });
}
