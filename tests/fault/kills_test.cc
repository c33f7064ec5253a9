// Router and agents are killed at random moments of the work while tasks stream: no accepted task may be lost, no step
// recorded twice, and no watcher may see a gap, a repeat or a contradiction. TROUPE_SEED chooses other moments,
// TROUPE_KILLS their number.
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <thread>

#include "router/cli/process.h"
#include "router/cli/run_folder.h"
#include "runtime/base/value.h"
#include "tests/fault/load.h"
#include "tests/support/places.h"

namespace troupe::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr int kWitnesses = 16;
constexpr seconds kLimit{120};

int FromEnvironment(const char* name, int otherwise) {
  const char* value = getenv(name);
  return value == nullptr ? otherwise : atoi(value);
}

bool Eventually(const std::function<bool()>& condition, seconds limit = kLimit) {
  for (const auto end = steady_clock::now() + limit; steady_clock::now() < end;) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return condition();
}

class Kills : public testing::Test {
 protected:
  void SetUp() override {
    // short, because a socket's path may have 107 bytes
    std::string pattern = "/tmp/trpXXXXXX";
    folder_ = mkdtemp(pattern.data());
    setenv("XDG_RUNTIME_DIR", folder_.c_str(), 1);
    setenv("XDG_STATE_HOME", (folder_ / "state").c_str(), 1);
    unsetenv("TROUPE_ROUTER");
    const auto up = cli::Spawn({"up",
                                {BuildPath("bin/troupe"), "up", SourcePath("tests/fault/load.yaml")},
                                (folder_ / "up.log").string(),
                                {}});
    ASSERT_TRUE(up) << up.error().message;
    up_ = *up;
    ASSERT_TRUE(Eventually([&] { return UpLog().find("listening on") != std::string::npos; })) << UpLog();
  }

  void TearDown() override {
    if (up_ > 0) {
      kill(up_, SIGTERM);
      waitpid(up_, nullptr, 0);
    }
    if (!HasFailure())
      std::filesystem::remove_all(folder_);
    else
      std::fprintf(stderr, "logs and journal are kept in %s\n", folder_.c_str());
  }

  std::string UpLog() const {
    std::ifstream file(folder_ / "up.log");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  // Names and pids of what runs.
  std::map<std::string, pid_t> Running() const {
    std::ifstream file(cli::DefaultRunFolder() / "processes.json");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    std::map<std::string, pid_t> running;
    const auto list = ParseValue(text);
    if (!list) return running;
    for (const Value& entry : *list) {
      if (entry["pid"].get<pid_t>() > 0) running[entry["name"]] = entry["pid"];
    }
    return running;
  }

  std::filesystem::path folder_;
  pid_t up_ = 0;
};

TEST_F(Kills, NoTaskIsLostAndNoWatcherIsToldTwice) {
  // given a router and three agent processes under load
  const int seed = FromEnvironment("TROUPE_SEED", 1);
  const int kills = FromEnvironment("TROUPE_KILLS", 30);
  std::printf("seed %d, %d kills\n", seed, kills);
  const std::string address = cli::RouterAddress("").value();
  std::mt19937 random(static_cast<unsigned>(seed));
  Load load(address, kWitnesses);

  // when they are killed at random moments, the router more often than each agent
  std::map<std::string, int> killed;
  std::vector<double> silences_s;
  for (int i = 0; i < kills; ++i) {
    // a random number of records later, so that every kill hits work under way however fast the machine is
    const int64_t moment = load.records_seen() + std::uniform_int_distribution<int>(1, 1000)(random);
    ASSERT_TRUE(Eventually([&] { return load.records_seen() >= moment; })) << "nothing goes on\n" << UpLog();
    const auto now = Running();
    const std::vector<std::pair<std::string, pid_t>> running(now.begin(), now.end());
    ASSERT_FALSE(running.empty());
    size_t pick = std::uniform_int_distribution<size_t>(0, running.size() - 1)(random);
    if (std::uniform_int_distribution<int>(0, 1)(random) == 0) pick = running.size() - 1;  // the router, by its name
    const auto& [victim, pid] = running[pick];
    ASSERT_EQ(kill(pid, SIGKILL), 0);
    ++killed[victim];
    const auto killed_at = steady_clock::now();
    const int64_t before = load.records_seen();
    ASSERT_TRUE(Eventually([&, name = victim, dead = pid] { return Running()[name] != dead; })) << victim;
    ASSERT_TRUE(Eventually([&] { return load.records_seen() > before; })) << "nothing goes on\n" << UpLog();
    silences_s.push_back(std::chrono::duration<double>(steady_clock::now() - killed_at).count());
  }
  ASSERT_FALSE(silences_s.empty());
  load.Stop(kLimit);

  // then every accepted task ended well, once, and was seen whole by a watcher that was there and by one that came
  // later
  int lost = 0, failed = 0, twice = 0, breaks = 0, contradictions = 0;
  std::vector<std::string> complaints;
  cli::Client client(address);
  for (const auto& witness : load.witnesses()) {
    lost += witness->saw_end() ? 0 : 1;
    failed += witness->saw_end() && !witness->ended_well() ? 1 : 0;
    twice += witness->steps_twice();
    breaks += witness->breaks();
    for (const std::string& text : witness->complaints()) complaints.push_back(witness->task_id() + ": " + text);
    Witness later(witness->task_id());
    const auto end = steady_clock::now() + kLimit;
    later.Follow(client, [&] { return steady_clock::now() > end; });
    contradictions += later.records() == witness->records() ? 0 : 1;
  }
  std::printf("%d tasks accepted, %d lost, %d failed; %d steps recorded twice\n", load.accepted(), lost, failed, twice);
  std::printf(
      "%d streams broken off and opened again, %d calls to Submit repeated; %zu gaps, repeats or contradictions, "
      "%d watchers told otherwise than later ones\n",
      breaks, load.repeated_submits(), complaints.size(), contradictions);
  std::sort(silences_s.begin(), silences_s.end());
  std::printf("work went on after %.2f s (median), %.2f s at most\n", silences_s[silences_s.size() / 2],
              silences_s.back());
  for (const auto& [name, count] : killed) std::printf("  %-16s killed %d times\n", name.c_str(), count);
  for (const std::string& complaint : complaints) std::printf("  %s\n", complaint.c_str());
  EXPECT_GT(load.accepted(), kills);
  EXPECT_EQ(static_cast<size_t>(load.accepted()), load.witnesses().size());
  EXPECT_EQ(lost, 0);
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(twice, 0);
  EXPECT_EQ(complaints.size(), 0u);
  EXPECT_EQ(contradictions, 0);
}

}  // namespace
}  // namespace troupe::fault
