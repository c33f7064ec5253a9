#include "router/cli/supervisor.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

namespace troupe::cli {
namespace {

using Kind = ProcessEvent::Kind;

class Supervision : public testing::Test {
 protected:
  void SetUp() override {
    log_ = testing::TempDir() + "/supervisor_test_" + std::to_string(getpid()) + ".log";
    std::filesystem::remove(log_);
  }

  ProcessSpec Shell(const std::string& name, const std::string& script) {
    return {name, {"/bin/sh", "-c", script}, log_, {}};
  }

  // Waits for a child of the supervisor to end, without collecting it.
  void AwaitEnd(pid_t pid) {
    siginfo_t info;
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT), 0);
  }

  std::string log_;
  ManualClock clock_;
  Supervisor supervisor_{
      clock_, {.first_pause_ms = 100, .max_pause_ms = 1000, .healthy_after_ms = 15'000, .crash_loop_after = 3}};
};

TEST(RestartPause, DoublesUpToItsLimit) {
  const RestartPolicy policy{.first_pause_ms = 100, .max_pause_ms = 1000};
  EXPECT_EQ(RestartPauseMs(policy, 1), 100);
  EXPECT_EQ(RestartPauseMs(policy, 2), 200);
  EXPECT_EQ(RestartPauseMs(policy, 4), 800);
  EXPECT_EQ(RestartPauseMs(policy, 5), 1000);
  EXPECT_EQ(RestartPauseMs(policy, 500), 1000);
}

TEST_F(Supervision, AProcessThatDiesIsStartedAgainAfterItsPause) {
  // given a process that is killed
  supervisor_.Add(Shell("writer-0", "exec sleep 1000"));
  EXPECT_EQ(supervisor_.Poll().at(0).kind, Kind::kStarted);
  const pid_t first = supervisor_.PidOf("writer-0");
  kill(first, SIGKILL);
  AwaitEnd(first);
  // when
  auto events = supervisor_.Poll();
  // then it is said, and it starts again when the pause is over, not before
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, Kind::kDied);
  EXPECT_FALSE(events[0].exited);
  EXPECT_TRUE(events[0].detail.starts_with("was killed by signal 9 (Killed)"));
  clock_.Advance(99);
  EXPECT_TRUE(supervisor_.Poll().empty());
  clock_.Advance(1);
  events = supervisor_.Poll();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, Kind::kStarted);
  EXPECT_NE(supervisor_.PidOf("writer-0"), first);
}

TEST_F(Supervision, ACrashLoopIsSaidOnceWithTheLastLogLines) {
  // given a process that always ends at once
  supervisor_.Add(Shell("writer-0", "echo cannot open the model >&2; exit 4"));
  std::vector<ProcessEvent> loops;
  // when it has died five times
  for (int i = 0; i < 5; ++i) {
    supervisor_.Poll();
    AwaitEnd(supervisor_.PidOf("writer-0"));
    for (const ProcessEvent& event : supervisor_.Poll()) {
      EXPECT_TRUE(event.exited);
      if (event.kind == Kind::kCrashLoop) loops.push_back(event);
    }
    clock_.Advance(1000);
  }
  // then
  ASSERT_EQ(loops.size(), 1u);
  EXPECT_NE(loops[0].detail.find("died 3 times in a row: exited with code 4"), std::string::npos);
  EXPECT_NE(loops[0].detail.find("cannot open the model"), std::string::npos);
  EXPECT_EQ(supervisor_.DeathsOf("writer-0"), 5);
}

TEST_F(Supervision, AHealthyLifeMakesThePausesShortAgain) {
  supervisor_.Add(Shell("a", "exec sleep 1000"));
  for (int i = 0; i < 2; ++i) {
    supervisor_.Poll();
    kill(supervisor_.PidOf("a"), SIGKILL);
    AwaitEnd(supervisor_.PidOf("a"));
    supervisor_.Poll();
    clock_.Advance(1000);
  }
  supervisor_.Poll();
  clock_.Advance(20'000);
  kill(supervisor_.PidOf("a"), SIGKILL);
  AwaitEnd(supervisor_.PidOf("a"));
  supervisor_.Poll();
  clock_.Advance(100);
  EXPECT_EQ(supervisor_.Poll().size(), 1u);  // the first pause again
}

TEST_F(Supervision, OneThatWasReadyNeedsOnlyAShortLife) {
  // given a process that is ready, lives a second, and is killed, again and again
  supervisor_.Add(Shell("a", "exec sleep 1000"));
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(supervisor_.Poll().at(0).kind, Kind::kStarted);
    supervisor_.MarkReady("a");
    clock_.Advance(1000);
    kill(supervisor_.PidOf("a"), SIGKILL);
    AwaitEnd(supervisor_.PidOf("a"));
    // then that is never a crash loop, and the pause stays the first one
    EXPECT_EQ(supervisor_.Poll().at(0).kind, Kind::kDied);
    clock_.Advance(100);
  }
}

TEST_F(Supervision, AStoppedProcessIsAskedFirstAndStaysStopped) {
  supervisor_.Add(Shell("a", "trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; done"));
  supervisor_.Poll();
  while (TailOf(log_, 1).empty()) usleep(1000);  // until the trap is set
  const pid_t pid = supervisor_.PidOf("a");
  supervisor_.Stop("a", SIGTERM);
  EXPECT_FALSE(supervisor_.AllStopped());
  AwaitEnd(pid);
  const auto events = supervisor_.Poll();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, Kind::kStopped);
  EXPECT_EQ(events[0].detail, "exited with code 0");
  EXPECT_TRUE(supervisor_.AllStopped());
  clock_.Advance(60'000);
  EXPECT_TRUE(supervisor_.Poll().empty());
}

TEST_F(Supervision, ABinaryThatIsMissingCountsAsARefusal) {
  supervisor_.Add({"a", {"/no/such/binary"}, log_, {}});
  const auto events = supervisor_.Poll();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, Kind::kDied);
  EXPECT_TRUE(events[0].exited);
}

TEST(SupervisorEnd, NothingOutlivesIt) {
  ManualClock clock;
  pid_t pid = 0;
  {
    Supervisor supervisor(clock);
    supervisor.Add({"a", {"/bin/sh", "-c", "exec sleep 1000"}, testing::TempDir() + "/supervisor_end.log", {}});
    supervisor.Poll();
    pid = supervisor.PidOf("a");
    ASSERT_GT(pid, 0);
  }
  EXPECT_EQ(kill(pid, 0), -1);
}

}  // namespace
}  // namespace troupe::cli
