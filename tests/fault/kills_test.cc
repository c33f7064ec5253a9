// Router and agents are killed, or stopped for a while, at random moments of the work while tasks stream: no accepted
// task may be lost, no step recorded twice, and no watcher may see a gap, a repeat or a contradiction. TROUPE_SEED
// chooses other moments, TROUPE_KILLS their number.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <random>

#include "tests/fault/company.h"
#include "tests/fault/verdict.h"

namespace troupe::fault {
namespace {

using std::chrono::steady_clock;

constexpr int kWitnesses = 16;

class Kills : public CompanyTest {
 protected:
  int Between(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }

  // The router is hit as often as all agents together.
  std::pair<std::string, pid_t> Victim() {
    const auto now = Running();
    const std::vector<std::pair<std::string, pid_t>> running(now.begin(), now.end());
    if (running.empty()) return {};
    const auto last = static_cast<int>(running.size()) - 1;  // the router, by its name
    return running[static_cast<size_t>(Between(0, 1) == 0 ? last : Between(0, last))];
  }

  // Stopped like a process that has no core, or is written to disk: it answers nobody, and closes nothing.
  void Stop(pid_t pid) {
    ASSERT_EQ(kill(pid, SIGSTOP), 0);
    const auto until = steady_clock::now() + std::chrono::milliseconds(Between(10, 600));
    EXPECT_TRUE(Eventually("it has been stopped for long enough", [&] { return steady_clock::now() >= until; }));
    ASSERT_EQ(kill(pid, SIGCONT), 0);
  }

  std::mt19937 random_;
};

TEST_F(Kills, NoTaskIsLostAndNoWatcherIsToldTwice) {
  // given a router and three agent processes under load
  Start("tests/fault/load.yaml");
  const int seed = FromEnvironment("TROUPE_SEED", 1);
  const int kills = FromEnvironment("TROUPE_KILLS", 300);
  std::printf("seed %d, %d times\n", seed, kills);
  random_.seed(static_cast<unsigned>(seed));
  Load load(Address(), kWitnesses);

  // when they are hit at random moments
  std::map<std::string, int> hit;
  std::vector<double> silences_s;
  for (int i = 0; i < kills; ++i) {
    // a random number of records later, so that it hits work under way however fast the machine is
    const int64_t moment = load.records_seen() + Between(1, 1000);
    ASSERT_TRUE(Eventually("work goes on", [&] { return load.records_seen() >= moment; }, kLimit)) << UpLog();
    const auto [victim, pid] = Victim();
    ASSERT_GT(pid, 0) << "nothing runs";
    const bool kills_it = Between(0, 2) > 0;
    const auto begin = steady_clock::now();
    const int64_t before = load.records_seen();
    if (kills_it) {
      ASSERT_EQ(kill(pid, SIGKILL), 0);
      ASSERT_TRUE(IsBack(victim, pid));
    } else {
      ASSERT_NO_FATAL_FAILURE(Stop(pid));
    }
    ++hit[victim + (kills_it ? " killed" : " stopped")];
    ASSERT_TRUE(Eventually("work goes on again", [&] { return load.records_seen() > before; }, kLimit)) << UpLog();
    silences_s.push_back(std::chrono::duration<double>(steady_clock::now() - begin).count());
  }
  ASSERT_FALSE(silences_s.empty());
  load.Stop(kLimit);

  // then
  const Verdict verdict = Judge(load, Address());
  std::sort(silences_s.begin(), silences_s.end());
  std::printf("work went on after %.2f s (median), %.2f s at most\n", silences_s[silences_s.size() / 2],
              silences_s.back());
  for (const auto& [what, count] : hit) std::printf("  %-24s %d times\n", what.c_str(), count);
  EXPECT_GT(load.accepted(), kills);
  ExpectAllWell(load, verdict);
}

}  // namespace
}  // namespace troupe::fault
